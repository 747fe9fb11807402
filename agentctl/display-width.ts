import { eastAsianWidth } from 'get-east-asian-width'

/**
 * Columns of a terminal that printable text takes: two per wide character (Unicode Standard Annex 11), none for a mark that
 * is put onto the character before it.
 */
export function displayWidth(text: string): number {
  // Nearly all text is ASCII.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  let width = 0
  for (const character of text) width += widthOf(character)
  return width
}

/** The text with spaces behind it, up to so many columns. */
export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

/** At most so many columns of a line, the last one an ellipsis where more was there. */
export function cut(text: string, width: number): string {
  if (text.length * 2 <= width || displayWidth(text) <= width) return text
  let kept = ''
  let room = width - 1
  for (const character of text) {
    room -= widthOf(character)
    if (room < 0) break
    kept += character
  }
  return `${kept}…`
}

function widthOf(character: string): number {
  if (/^[\p{Mn}\p{Me}]$/u.test(character)) return 0
  return eastAsianWidth(character.codePointAt(0) ?? 0)
}
