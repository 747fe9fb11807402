const block = 512

/** Gets what a file has, part by part, and null at its end. */
export type TarSink = (part: Buffer | null) => void

/**
 * Reads a tar stream as PostgreSQL writes it: plain ustar headers, names up to 99 bytes, sizes in octal or, from 8 GiB, in base
 * 256. Throws for what is none.
 * @param onFile for each ordinary file, with its name's bytes as latin1
 * @see https://www.gnu.org/software/tar/manual/html_node/Standard.html
 */
export function createTarReader(onFile: (name: string, size: number) => TarSink) {
  let header = Buffer.alloc(0)
  let sink: TarSink | undefined
  let left = 0
  let padding = 0
  let isOver = false

  const begin = (bytes: Buffer): void => {
    if (bytes.every((byte) => byte === 0)) {
      isOver = true
      return
    }
    const size = numberIn(bytes, 124, 12)
    if (!Number.isSafeInteger(size) || sumOf(bytes) !== numberIn(bytes, 148, 8)) {
      throw new Error('what should be the header of a file in the archive is none')
    }
    const type = String.fromCharCode(bytes[156]!)
    const isFile = type === '0' || type === '\0'
    left = size
    padding = (block - (size % block)) % block
    sink = isFile ? onFile(textIn(bytes, 0, 100).replace(/^\.\//, ''), size) : undefined
    if (left === 0) finish()
  }
  const finish = (): void => {
    sink?.(null)
    sink = undefined
  }

  return {
    take(part: Buffer): void {
      let at = 0
      while (at < part.length && !isOver) {
        if (left > 0) {
          const end = Math.min(part.length, at + left)
          sink?.(part.subarray(at, end))
          left -= end - at
          at = end
          if (left === 0) finish()
        } else if (padding > 0) {
          const step = Math.min(padding, part.length - at)
          padding -= step
          at += step
        } else {
          const end = Math.min(part.length, at + block - header.length)
          header = Buffer.concat([header, part.subarray(at, end)])
          at = end
          if (header.length < block) break
          const whole = header
          header = Buffer.alloc(0)
          begin(whole)
        }
      }
    },
    /** @throws Error when it ended within something */
    end(): void {
      if (!isOver && (left > 0 || padding > 0 || header.length > 0)) {
        throw new Error('the archive ends within a file')
      }
    },
  }
}

function textIn(bytes: Buffer, at: number, length: number): string {
  const field = bytes.subarray(at, at + length)
  const zero = field.indexOf(0)
  return field.subarray(0, zero < 0 ? length : zero).toString('latin1')
}

function numberIn(bytes: Buffer, at: number, length: number): number {
  if ((bytes[at]! & 0x80) === 0) return Number.parseInt(textIn(bytes, at, length).trim() || '0', 8)
  let value = bytes[at]! & 0x7f
  for (let i = 1; i < length; i++) value = value * 256 + bytes[at + i]!
  return value
}

/** Of the header, with blanks in the place of the sum itself. */
function sumOf(bytes: Buffer): number {
  let sum = 0
  for (let i = 0; i < block; i++) sum += i >= 148 && i < 156 ? 0x20 : bytes[i]!
  return sum
}
