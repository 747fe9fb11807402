/** A text as SQL takes it whatever it holds and whatever standard_conforming_strings is. No text of PostgreSQL has a zero byte. */
export function quoteLiteral(text: string): string {
  const doubled = text.replaceAll('\0', '').replaceAll("'", "''")
  return doubled.includes('\\') ? `E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`
}
