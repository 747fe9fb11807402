/** A sentence behind the mark of a comment, in one line whatever is in it: what follows a line's end would be read as a setting. */
export function comment(mark: string, text: string): string {
  return `${mark} ${text.replace(/\s+/g, ' ').trim()}`
}
