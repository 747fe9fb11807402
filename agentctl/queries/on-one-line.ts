import { cut } from '../display-width.ts'

/** Of a text where no terminal's width cuts it; json has all of it, and so does `queries show`. */
const longestText = 160

/** Texts of statements are kept with their line breaks; a row has one line. */
export function onOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}

/** What a row of a table shows of a text: one line, of which somebody can see what it is. */
export function textCell(text: string | null): string {
  return cut(onOneLine(text ?? ''), longestText)
}
