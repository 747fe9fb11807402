import type { ActionDescription } from '../../common/command/action-description.ts'
import { PgherdError } from '../../common/errors.ts'
import { suggestions } from '../../common/suggestions.ts'

interface Property {
  readonly types: readonly string[]
  readonly description: string
  readonly choices: readonly string[] | undefined
  readonly fallback: unknown
}

/** One argument of an action. */
export interface Argument extends Property {
  readonly name: string
  readonly required: boolean
}

/** An action's arguments as its JSON Schema has them. */
export function argumentsOf(action: ActionDescription): readonly Argument[] {
  const properties = record(action.args['properties'])
  const required = action.args['required']
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    required: Array.isArray(required) && required.includes(name),
    ...readProperty(record(schema)),
  }))
}

/**
 * `name=value` words to the arguments of an action; the agent checks them once more, and by more rules.
 * @throws PgherdError USAGE that names the argument and what is allowed
 */
export function parseArguments(
  action: ActionDescription,
  words: readonly string[],
): Readonly<Record<string, unknown>> {
  const known = argumentsOf(action)
  const given: Record<string, unknown> = {}
  for (const word of words) {
    const at = word.indexOf('=')
    const name = at < 0 ? word : word.slice(0, at)
    const argument = known.find((one) => one.name === name)
    if (argument === undefined) {
      const names = known.map((one) => one.name)
      throw new PgherdError(
        'USAGE',
        names.length === 0
          ? `${action.kind} takes no arguments, ${name} was given`
          : `${action.kind} has no argument ${name}; allowed: ${suggestions(name, names)}`,
      )
    }
    if (at < 0 && !argument.types.includes('boolean')) {
      throw new PgherdError('USAGE', `${name}: has no value; allowed: ${name}=<value>`)
    }
    if (name in given && !argument.types.includes('array')) {
      throw new PgherdError('USAGE', `${name}: was given twice; allowed: once`)
    }
    const value = at < 0 ? true : convert(name, word.slice(at + 1), argument)
    const before = given[name]
    given[name] = Array.isArray(before) ? before.concat(value) : value
  }
  const missing = known.filter((one) => one.required && !(one.name in given)).map((one) => one.name)
  if (missing.length > 0) {
    throw new PgherdError(
      'USAGE',
      `${action.kind}: ${missing.join(', ')} missing (agentctl actions ${action.kind} tells more)`,
    )
  }
  return given
}

function convert(name: string, text: string, { types, choices }: Property): unknown {
  if (choices !== undefined) {
    if (choices.includes(text)) return text
    throw new PgherdError('USAGE', `${name}: was ${text}; allowed: ${choices.join(', ')}`)
  }
  if (types.includes('array')) return text.split(',')
  if (types.includes('integer') || types.includes('number')) {
    const number = Number(text)
    if (text.trim() !== '' && Number.isFinite(number)) return number
    if (!types.includes('string')) throw new PgherdError('USAGE', `${name}: was ${text}; allowed: a number`)
  }
  if (types.includes('boolean')) {
    if (/^(true|yes|on)$/.test(text)) return true
    if (/^(false|no|off)$/.test(text)) return false
    if (!types.includes('string')) {
      throw new PgherdError('USAGE', `${name}: was ${text}; allowed: true or false`)
    }
  }
  return text
}

function readProperty(schema: Readonly<Record<string, unknown>>): Property {
  const variants = [schema, ...['anyOf', 'oneOf'].flatMap((key) => list(schema[key]).map(record))]
  const choices = variants.flatMap(({ enum: values, const: one }) => [
    ...list(values).map(word),
    ...(one === undefined ? [] : [word(one)]),
  ])
  return {
    types: variants.flatMap(({ type }) =>
      Array.isArray(type) ? type.map(word) : type === undefined ? [] : [word(type)],
    ),
    description: typeof schema['description'] === 'string' ? schema['description'] : '',
    choices: choices.length > 0 ? choices : undefined,
    fallback: schema['default'],
  }
}

/** A value of a schema as a person types it. */
function word(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
