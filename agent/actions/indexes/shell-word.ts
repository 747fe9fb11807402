/** One word of a shell, always in quotes: what an operator is told to type. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
