import type { FileHandle } from 'node:fs/promises'

/**
 * Reads a file line by line in bounded memory.
 * @param onLine of each that ends and is not too long, without its end; whether it is good
 * @returns the end of the last good line, and the file's size
 */
export async function scanLines(
  file: FileHandle,
  maxLineBytes: number,
  onLine: (line: string, offset: number, bytes: number) => boolean,
): Promise<{ readonly goodBytes: number; readonly totalBytes: number }> {
  const chunk = Buffer.alloc(64 * 1024)
  let goodBytes = 0
  let totalBytes = 0
  let begun: Buffer[] = []
  let begunBytes = 0
  const take = (end: Buffer, endOffset: number) => {
    const bytes = begunBytes + end.length
    const offset = endOffset - bytes
    if (bytes <= maxLineBytes) {
      const line = Buffer.concat([...begun, end]).toString('utf8')
      if (onLine(line, offset, bytes)) goodBytes = endOffset + 1
    }
    begun = []
    begunBytes = 0
  }
  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, totalBytes)
    if (bytesRead === 0) return { goodBytes, totalBytes }
    let from = 0
    for (let at = chunk.indexOf(10); at >= 0 && at < bytesRead; at = chunk.indexOf(10, from)) {
      take(chunk.subarray(from, at), totalBytes + at)
      from = at + 1
    }
    begunBytes += bytesRead - from
    // Of a line that is too long only the length matters.
    if (begunBytes <= maxLineBytes) begun.push(Buffer.from(chunk.subarray(from, bytesRead)))
    totalBytes += bytesRead
  }
}
