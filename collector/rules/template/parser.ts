import { tokenize } from './lexer.ts'
import type { Token } from './lexer.ts'
import type { Command, Operand, Pipeline, TemplateNode } from './syntax-tree.ts'
import { templateError } from './template-error.ts'

const unsupportedWords = new Set(['define', 'template', 'block', 'break', 'continue'])
const maxDepth = 100

/**
 * Parses Go's text/template without named templates.
 * @param isFunction knows the functions; Go checks their names when it parses, too
 * @param variables known from the start, without the dollar
 * @throws PgherdError RULE_INVALID with the line inside of the template
 */
export function parseTemplate(
  source: string,
  isFunction: (name: string) => boolean,
  variables: readonly string[],
): readonly TemplateNode[] {
  const tokens = tokenize(source)
  let at = 0
  let scope: string[] = [...variables, '']
  let depth = 0

  const fail = (problem: string, token: Token | undefined = tokens[at]): never => {
    throw templateError(problem, (token ?? tokens.at(-1))?.line ?? 1)
  }
  const peek = (): Token | undefined => tokens[at]
  const isSign = (text: string): boolean => peek()?.kind === 'sign' && peek()?.text === text
  const isWord = (text: string): boolean => peek()?.kind === 'word' && peek()?.text === text
  const take = (): Token => tokens[at++] ?? fail('the template ends too early')
  const close = (): void => {
    if (take().kind !== 'close') fail('unexpected token at the end of an action', tokens[at - 1])
  }

  const nested = <T>(parse: () => T): T => {
    depth += 1
    if (depth > maxDepth) fail(`nested deeper than ${maxDepth}`)
    const saved = scope
    scope = [...scope]
    const result = parse()
    scope = saved
    depth -= 1
    return result
  }

  const operand = (): Operand => {
    const token = take()
    const { line } = token
    const base = ((): Operand['base'] => {
      switch (token.kind) {
        case 'string':
          return { kind: 'literal', value: token.text }
        case 'integer':
          return { kind: 'literal', value: BigInt(token.text) }
        case 'float':
          return { kind: 'literal', value: Number(token.text) }
        case 'variable':
          if (!scope.includes(token.text)) fail(`undefined variable "$${token.text}"`, token)
          return { kind: 'variable', name: token.text }
        case 'word':
          if (token.text === 'true' || token.text === 'false') {
            return { kind: 'literal', value: token.text === 'true' }
          }
          if (token.text === 'nil') return { kind: 'nil' }
          if (!isFunction(token.text)) fail(`function "${token.text}" not defined`, token)
          return { kind: 'function', name: token.text }
        case 'field':
          at -= 1
          return { kind: 'dot' }
        case 'sign':
          if (token.text === '.') return { kind: 'dot' }
          if (token.text === '(') {
            const pipeline = nested(() => pipelineUntil())
            if (!isSign(')')) fail('a parenthesis is not closed')
            at += 1
            return { kind: 'pipeline', pipeline }
          }
          return fail(`unexpected "${token.text}"`, token)
        case 'text':
        case 'open':
        case 'close':
          return fail('an operand is missing', token)
      }
    })()
    const fields: string[] = []
    // The first field of `.a` belongs to the dot whatever stands before it.
    for (let first = token.kind === 'field'; ; first = false) {
      const next = peek()
      if (next?.kind !== 'field' || (next.afterSpace && !first)) break
      fields.push(next.text)
      at += 1
    }
    return { base, fields, line }
  }

  const atCommandEnd = (): boolean => {
    const token = peek()
    return token === undefined || token.kind === 'close' || isSign('|') || isSign(')')
  }
  const command = (): Command => {
    const operands: Operand[] = []
    while (!atCommandEnd()) operands.push(operand())
    if (operands.length === 0) fail('a command is missing')
    if (operands.length > 1 && operands[0]!.base.kind !== 'function') {
      fail('arguments are given to something that is no function')
    }
    return operands
  }
  const pipelineUntil = (): Pipeline => {
    const targets: string[] = []
    const start = at
    while (peek()?.kind === 'variable') {
      targets.push(take().text)
      if (!isSign(',')) break
      at += 1
    }
    const assigns = targets.length > 0 && (isSign(':=') || isSign('='))
    const declares = assigns && isSign(':=')
    if (assigns) at += 1
    else {
      targets.length = 0
      at = start
    }
    const commands = [command()]
    while (isSign('|')) {
      at += 1
      const next = command()
      if (next[0]!.base.kind !== 'function') fail('only a function can follow a "|"')
      commands.push(next)
    }
    for (const target of targets) {
      if (declares) scope.push(target)
      else if (!scope.includes(target)) fail(`undefined variable "$${target}"`)
    }
    return { targets, declares, commands }
  }

  const control = (kind: 'if' | 'with' | 'range'): TemplateNode =>
    nested(() => {
      at += 1
      const pipeline = pipelineUntil()
      if (pipeline.targets.length > (kind === 'range' ? 2 : 1)) fail(`too many variables in ${kind}`)
      close()
      const body = nested(() => nodes(true))
      let otherwise: readonly TemplateNode[] = []
      if (isWord('else')) {
        at += 1
        const chained = peek()?.text
        if (kind !== 'range' && (chained === 'if' || chained === 'with')) {
          // The inner one consumes the {{end}} of the chain.
          return { kind, pipeline, body, otherwise: [control(chained)] }
        }
        close()
        otherwise = nested(() => nodes(true))
      }
      if (!isWord('end')) fail(`{{${kind}}} has no {{end}}`)
      at += 1
      close()
      return { kind, pipeline, body, otherwise }
    })

  /** Leaves the parser on the word `else` or `end` that closed a body. */
  const nodes = (isBody: boolean): TemplateNode[] => {
    const out: TemplateNode[] = []
    while (at < tokens.length) {
      const token = take()
      if (token.kind === 'text') {
        out.push({ kind: 'text', text: token.text })
        continue
      }
      const word = peek()?.kind === 'word' ? peek()!.text : undefined
      if (word === 'end' || word === 'else') {
        if (!isBody) fail(`unexpected {{${word}}}`)
        return out
      }
      if (word === 'if' || word === 'with' || word === 'range') out.push(control(word))
      else if (word !== undefined && unsupportedWords.has(word)) fail(`{{${word}}} is not supported`)
      else {
        out.push({ kind: 'print', pipeline: pipelineUntil() })
        close()
      }
    }
    if (isBody) fail('{{end}} is missing')
    return out
  }

  return nodes(false)
}
