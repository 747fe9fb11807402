import { StringDecoder } from 'node:string_decoder'

/** What is longer than this is told in parts. */
const maxLine = 64 * 1024

/** Makes lines of what a stream gives in parts, as it comes. */
export function createLineSplitter(onLine: (line: string) => void) {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return {
    take(part: Buffer): void {
      const lines = (rest + decoder.write(part)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) onLine(line)
      if (rest.length > maxLine) {
        onLine(rest)
        rest = ''
      }
    },
    /** The last line, when nothing ended it. */
    end(): void {
      const last = rest + decoder.end()
      rest = ''
      if (last !== '') onLine(last)
    },
  }
}
