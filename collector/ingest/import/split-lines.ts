import { isUtf8 } from 'node:buffer'
import { PgherdError } from '../../../common/errors.ts'

const lineFeed = 10

/**
 * The lines of a body as they become complete, many at a time; one that is not UTF-8 is undefined. What is in
 * memory is bounded by `maxLineBytes` and the size of the chunks.
 * @throws PgherdError BAD_DATA for a line over the limit, with its number
 */
export async function* splitLines(
  body: AsyncIterable<Uint8Array>,
  maxLineBytes: number,
): AsyncGenerator<readonly (string | undefined)[], void, undefined> {
  let rest: Uint8Array[] = []
  let restBytes = 0
  let lines = 0
  const checked = (bytes: Uint8Array) => {
    const split = decodeLines(bytes)
    const long = split.findIndex((line) => line !== undefined && line.length > maxLineBytes)
    if (long >= 0) throw tooLong(lines + long + 1, maxLineBytes)
    lines += split.length
    return split
  }
  for await (const chunk of body) {
    const cut = chunk.lastIndexOf(lineFeed)
    if (cut < 0) {
      rest.push(chunk)
      restBytes += chunk.length
      if (restBytes > maxLineBytes) throw tooLong(lines + 1, maxLineBytes)
      continue
    }
    const whole = chunk.subarray(0, cut)
    const bytes = restBytes === 0 ? whole : Buffer.concat([...rest, whole])
    rest = cut + 1 === chunk.length ? [] : [chunk.slice(cut + 1)]
    restBytes = chunk.length - cut - 1
    yield checked(bytes)
  }
  if (restBytes > 0) yield checked(Buffer.concat(rest))
}

function decodeLines(bytes: Uint8Array): readonly (string | undefined)[] {
  if (isUtf8(bytes)) return asText(bytes).split('\n')
  const lines: (string | undefined)[] = []
  for (let from = 0; from <= bytes.length;) {
    const end = bytes.indexOf(lineFeed, from)
    const line = bytes.subarray(from, end < 0 ? bytes.length : end)
    lines.push(isUtf8(line) ? asText(line) : undefined)
    from = end < 0 ? bytes.length + 1 : end + 1
  }
  return lines
}

function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
}

function tooLong(line: number, maxLineBytes: number): PgherdError {
  return new PgherdError('BAD_DATA', `line ${line} is longer than ${maxLineBytes} bytes`)
}
