import { open } from 'node:fs/promises'
import { systemCodeOf } from '../../../common/errors.ts'

const stepBytes = 256 << 10
/** Of a line without an end; what follows in it is another line. */
const maxLineBytes = 64 << 10

/** Gives the lines that were added to a file since the last call; of a file that is not there yet none. */
export function followFile(path: string): () => Promise<readonly string[]> {
  let offset = 0
  let rest = Buffer.alloc(0)
  return async () => {
    const lines: string[] = []
    try {
      await using file = await open(path, 'r')
      for (;;) {
        const buffer = Buffer.alloc(stepBytes)
        const { bytesRead } = await file.read(buffer, 0, stepBytes, offset)
        if (bytesRead === 0) return lines
        offset += bytesRead
        const text = Buffer.concat([rest, buffer.subarray(0, bytesRead)])
        const end = text.lastIndexOf('\n')
        if (end >= 0) lines.push(...text.toString('utf8', 0, end).split('\n'))
        rest = text.subarray(end + 1)
        if (rest.length > maxLineBytes) {
          lines.push(rest.toString('utf8'))
          rest = Buffer.alloc(0)
        }
      }
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return lines
      throw error
    }
  }
}
