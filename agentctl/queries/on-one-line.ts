/** Texts of statements are kept with their line breaks; a row has one line. */
export function onOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
