import { wrapText } from '../common/wrap-text.ts'

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
