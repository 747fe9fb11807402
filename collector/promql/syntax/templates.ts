import type { Cursor } from './cursor.ts'
import type { Scope, Template } from './template.ts'
import type { Token } from './token.ts'

export function findTemplate(scope: Scope, name: string): Template | undefined {
  for (let at = scope; at !== undefined; at = at.outer) if (at.template.name === name) return at.template
  return undefined
}

/** `(a = 1, f(x, y) = x + y, ...)` after WITH, added to the scope of the cursor. */
export function readTemplates(cursor: Cursor): void {
  const context = 'WITH'
  const names = new Set<string>()
  cursor.expectSymbol('(', context)
  while (!cursor.takeSymbol(')')) {
    const name = expectName(cursor, context)
    const parameters = cursor.atSymbol('(') ? readParameters(cursor) : undefined
    if (names.has(name.text)) throw cursor.error(name.span, `WITH template "${name.text}" is defined twice`)
    names.add(name.text)
    cursor.expectSymbol('=', context)
    const from = cursor.position()
    skipArgument(cursor, context)
    const template = { name: name.text, parameters, from, to: cursor.position(), scope: cursor.scope }
    cursor.scope = { template, outer: cursor.scope }
    if (!cursor.takeSymbol(',') && !cursor.atSymbol(')')) throw cursor.unexpected(context, '"," or ")"')
  }
}

function readParameters(cursor: Cursor): string[] {
  const context = 'parameters of a WITH template'
  const names: string[] = []
  cursor.expectSymbol('(', context)
  while (!cursor.takeSymbol(')')) {
    const name = expectName(cursor, context)
    if (names.includes(name.text)) throw cursor.error(name.span, `parameter "${name.text}" is named twice`)
    names.push(name.text)
    if (!cursor.takeSymbol(',') && !cursor.atSymbol(')')) throw cursor.unexpected(context, '"," or ")"')
  }
  return names
}

function expectName(cursor: Cursor, context: string): Token {
  if (cursor.peek().kind !== 'identifier') throw cursor.unexpected(context, 'name')
  return cursor.next()
}

/** The arguments of a template call as templates of their own, the cursor at the left parenthesis. */
export function readTemplateArguments(cursor: Cursor, template: Template): Template[] {
  const context = `call to WITH template "${template.name}"`
  const parameters = template.parameters ?? []
  const start = cursor.peek()
  const args: Template[] = []
  cursor.expectSymbol('(', context)
  while (!cursor.takeSymbol(')')) {
    const from = cursor.position()
    skipArgument(cursor, context)
    const name = parameters[args.length] ?? ''
    args.push({ name, parameters: undefined, from, to: cursor.position(), scope: cursor.scope })
    if (!cursor.takeSymbol(',') && !cursor.atSymbol(')')) throw cursor.unexpected(context, '"," or ")"')
  }
  if (args.length !== parameters.length) {
    throw cursor.error(
      start.span,
      `expected ${parameters.length} argument(s) in ${context}, got ${args.length}`,
    )
  }
  return args
}

/** Moves to the comma or parenthesis that ends an argument. */
function skipArgument(cursor: Cursor, context: string): void {
  const first = cursor.position()
  let depth = 0
  for (;;) {
    const { kind, text } = cursor.peek()
    const symbol = kind === 'symbol' ? text : ''
    const ends = depth === 0 && (symbol === ',' || symbol === ')')
    if (kind === 'end' || (ends && cursor.position() === first))
      throw cursor.unexpected(context, 'an expression')
    if (ends) return
    if (symbol === '(' || symbol === '[' || symbol === '{') depth++
    else if (symbol === ')' || symbol === ']' || symbol === '}') depth--
    cursor.next()
  }
}

/** What `parse` makes of the text of a template; the cursor is back behind its name afterwards. */
export function expandTemplate<Result>(
  cursor: Cursor,
  template: Template,
  args: readonly Template[],
  parse: () => Result,
): Result {
  cursor.spend(template.to - template.from + args.length + 1)
  const { scope } = cursor
  const back = cursor.position()
  cursor.scope = template.scope
  for (const arg of args) cursor.scope = { template: arg, outer: cursor.scope }
  cursor.seek(template.from)
  const result = parse()
  if (cursor.position() !== template.to) throw cursor.unexpected(`WITH template "${template.name}"`)
  cursor.scope = scope
  cursor.seek(back)
  return result
}
