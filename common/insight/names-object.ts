/**
 * Whether a statement names an object, as a word of its own in any case: to be made once for an object and asked of many statements.
 * @param name as SQL writes it; quotes and what a function takes are left out
 */
export function namesObject(name: string): (statement: string) => boolean {
  const bare = escapePattern(name.replace(/\(.*$/s, '').replaceAll('"', ''))
  if (bare === '') return () => false
  const word = new RegExp(String.raw`(?<![\w$])${bare}(?![\w$])`, 'i')
  return (statement) => word.test(statement)
}

/** A text as a regular expression that matches just it. */
export function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)
}
