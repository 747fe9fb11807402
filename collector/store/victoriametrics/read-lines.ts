import { PgherdError } from '../../../common/errors.ts'

/**
 * The lines of a stream, without their ends; empty ones are left out.
 * @throws PgherdError QUERY_LIMIT for a longer line
 */
export async function* readLines(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<string> {
  let parts: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    let from = 0
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, from)) {
      parts.push(bytes.subarray(from, end))
      const line = Buffer.concat(parts).toString('utf8')
      parts = []
      size = 0
      from = end + 1
      if (line !== '') yield line
    }
    if (from === bytes.length) continue
    parts.push(bytes.subarray(from))
    size += bytes.length - from
    if (size > maxBytes)
      throw new PgherdError('QUERY_LIMIT', `a series has more than ${maxBytes} bytes of samples`)
  }
  const rest = Buffer.concat(parts).toString('utf8')
  if (rest !== '') yield rest
}
