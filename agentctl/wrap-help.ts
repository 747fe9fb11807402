/** Where the output is no terminal. */
const usualWidth = 100

/** Longer lines of prose than this go on in the next one. */
const proseLength = 100

/** How wide a help is on a terminal of this width. */
export function helpWidth(terminalWidth: number): number {
  return Number.isFinite(terminalWidth) ? Math.max(40, terminalWidth) : usualWidth
}

/** A help's lines, broken between words where they are longer than the width; prose flows on, examples and lists stay. */
export function wrapHelp(text: string, width: number): string {
  const joined: string[] = []
  let flows = false
  for (const line of text.split('\n')) {
    const isProse = /^(?!Exit status:)\S/.test(line)
    if (flows && isProse) joined.push(`${joined.pop() ?? ''} ${line}`)
    else joined.push(line)
    flows = isProse && line.length > proseLength
  }
  return joined.flatMap((line) => wrap(line, width)).join('\n')
}

function wrap(line: string, width: number): readonly string[] {
  // What is to be copied is not broken.
  return line.startsWith('  ') ? [line] : wrapText(line, width)
}

/** Lines of at most `width` characters, broken between words; a longer word stays whole. */
export function wrapText(line: string, width: number): readonly string[] {
  const lines: string[] = []
  let current = ''
  for (const word of line.split(' ')) {
    if (current !== '' && current.length + 1 + word.length > width) {
      lines.push(current)
      current = word
    } else current = current === '' ? word : `${current} ${word}`
  }
  return [...lines, current]
}
