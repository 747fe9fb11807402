import { nextTurn } from '../../../common/turn.ts'
import type { Operand, Pipeline, TemplateNode } from './syntax-tree.ts'
import { templateError } from './template-error.ts'
import { isList, isMap, isRecord, isTrue, printValue, typeName } from './values.ts'
import type { TemplateValue } from './values.ts'

export type TemplateFunction = (...values: readonly TemplateValue[]) => TemplateValue | Promise<TemplateValue>

/** Variables by name; a block sees those around it and may assign to them. */
interface Scope {
  readonly own: Map<string, TemplateValue>
  readonly outer: Scope | undefined
}

/** An annotation is text for a person; what is longer is a mistake. */
const maxOutput = 1024 * 1024
/** Nested ranges over a few hundred samples would have the process to themselves for hours. */
const maxSteps = 100_000
const stepsOfTurn = 2_000

/**
 * Runs a parsed template.
 * @throws PgherdError RULE_INVALID with the line inside of the template, and what a function throws
 */
export async function evaluateTemplate(
  nodes: readonly TemplateNode[],
  dot: TemplateValue,
  variables: ReadonlyMap<string, TemplateValue>,
  functions: ReadonlyMap<string, TemplateFunction>,
): Promise<string> {
  let output = ''
  let steps = 0

  const step = async (): Promise<void> => {
    if (++steps > maxSteps) throw templateError(`it takes more than ${maxSteps} steps`)
    if (steps % stepsOfTurn === 0) await nextTurn()
  }

  const pipeline = async (wanted: Pipeline, at: TemplateValue, scope: Scope): Promise<TemplateValue> => {
    let value: TemplateValue
    for (const [i, [first, ...rest]] of wanted.commands.entries()) {
      const piped = i === 0 ? [] : [value]
      if (first!.base.kind !== 'function') {
        value = await operand(first!, at, scope)
        continue
      }
      const values: TemplateValue[] = []
      for (const one of rest) values.push(await operand(one, at, scope))
      value = await call(first!, [...values, ...piped])
    }
    return value
  }

  const call = async (wanted: Operand, values: readonly TemplateValue[]): Promise<TemplateValue> => {
    const name = wanted.base.kind === 'function' ? wanted.base.name : ''
    const result = await functions.get(name)!(...values)
    if (typeof result === 'string' && result.length > maxOutput) {
      throw templateError(`${name} gives more than ${maxOutput} characters`, wanted.line)
    }
    return fieldsOf(result, wanted)
  }

  const operand = async (wanted: Operand, at: TemplateValue, scope: Scope): Promise<TemplateValue> => {
    const { base } = wanted
    switch (base.kind) {
      case 'dot':
        return fieldsOf(at, wanted)
      case 'nil':
        return undefined
      case 'literal':
        return base.value
      case 'variable':
        return fieldsOf(base.name === '' ? dot : find(scope, base.name).own.get(base.name), wanted)
      case 'function':
        return call(wanted, [])
      case 'pipeline':
        return fieldsOf(await pipeline(base.pipeline, at, scope), wanted)
    }
  }

  const bind = (wanted: Pipeline, values: readonly TemplateValue[], scope: Scope): void => {
    for (const [i, name] of wanted.targets.entries()) {
      const home = wanted.declares ? scope : find(scope, name)
      home.own.set(name, values[i])
    }
  }

  const run = async (body: readonly TemplateNode[], at: TemplateValue, outer: Scope): Promise<void> => {
    const scope = inner(outer)
    for (const node of body) {
      await step()
      if (output.length > maxOutput) throw templateError(`the output is longer than ${maxOutput} characters`)
      if (node.kind === 'text') {
        output += node.text
        continue
      }
      const here = node.kind === 'print' ? scope : inner(scope)
      const value = await pipeline(node.pipeline, at, here)
      switch (node.kind) {
        case 'print':
          if (node.pipeline.targets.length === 0) output += printValue(value)
          bind(node.pipeline, [value], here)
          break
        case 'if':
        case 'with':
          bind(node.pipeline, [value], here)
          if (isTrue(value)) await run(node.body, node.kind === 'with' ? value : at, here)
          else await run(node.otherwise, at, here)
          break
        case 'range': {
          const items = itemsOf(value)
          for (const [key, item] of items) {
            await step()
            bind(node.pipeline, node.pipeline.targets.length === 2 ? [key, item] : [item], here)
            await run(node.body, item, here)
          }
          if (items.length === 0) await run(node.otherwise, at, here)
          break
        }
      }
    }
  }

  await run(nodes, dot, { own: new Map(variables), outer: undefined })
  return output
}

function inner(outer: Scope): Scope {
  return { own: new Map(), outer }
}

/** The parser has made sure that there is one. */
function find(scope: Scope, name: string): Scope {
  return scope.own.has(name) || scope.outer === undefined ? scope : find(scope.outer, name)
}

function fieldsOf(start: TemplateValue, { fields, line }: Operand): TemplateValue {
  let value = start
  for (const field of fields) {
    if (isMap(value)) value = value.get(field) ?? ''
    else if (isRecord(value) && value.fields.has(field)) value = value.fields.get(field)
    else throw templateError(`can't evaluate field ${field} in type ${typeName(value)}`, line)
  }
  return value
}

function itemsOf(value: TemplateValue): readonly (readonly [TemplateValue, TemplateValue])[] {
  if (value === undefined) return []
  if (isList(value)) return value.map((item, i) => [BigInt(i), item] as const)
  if (isMap(value)) return [...value].sort(([a], [b]) => (a < b ? -1 : 1))
  throw templateError(`range can't iterate over ${printValue(value)}`)
}
