/**
 * Whether a statement names an object, as a word of its own in any case.
 * @param name as SQL writes it; quotes and what a function takes are left out
 */
export function namesObject(statement: string, name: string): boolean {
  const bare = escapePattern(name.replace(/\(.*$/s, '').replaceAll('"', ''))
  return bare !== '' && new RegExp(String.raw`(?<![\w$])${bare}(?![\w$])`, 'i').test(statement)
}

/** A text as a regular expression that matches just it. */
export function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)
}
