import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { blockMagic, decodeFooter, footerBytes } from './footer.ts'
import type { BlockFooter } from './footer.ts'

/** An immutable file of sealed samples. Only its footer is in memory; the rest is read when a query needs it. */
export interface Block {
  readonly path: string
  readonly footer: BlockFooter
  readonly bytes: number
  /** Pages that failed their checksum: reported once, skipped from then on. */
  readonly badPages: Set<number>
}

/** Opens a block by its footer; undefined when the file is not a whole block of a known version. */
export async function openBlock(path: string): Promise<Block | undefined> {
  await using file = await open(path, 'r')
  const { size } = await file.stat()
  if (size < blockMagic.length + footerBytes) return undefined
  const magic = await readAt(file, 0, blockMagic.length)
  if (magic === undefined || blockMagic.some((byte, i) => magic[i] !== byte)) return undefined
  const bytes = await readAt(file, size - footerBytes, footerBytes)
  const footer = bytes === undefined ? undefined : decodeFooter(bytes, size)
  return footer === undefined ? undefined : { path, footer, bytes: size, badPages: new Set() }
}

/** `length` bytes of a file; undefined when it ends before. */
export async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer | undefined> {
  const bytes = Buffer.allocUnsafeSlow(length)
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(bytes, done, length - done, at + done)
    if (bytesRead === 0) return undefined
    done += bytesRead
  }
  return bytes
}
