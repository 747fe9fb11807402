/** A name as SQL and pgBouncer's console take it whatever it holds. No name of PostgreSQL has a zero byte, which would end the text. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('\0', '').replaceAll('"', '""')}"`
}
