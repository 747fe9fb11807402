const longest = 300

/** A statement on one line, and no longer than a person reads. */
export function shortStatement(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > longest ? `${line.slice(0, longest - 3)}...` : line
}
