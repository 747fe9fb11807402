import { nodeDisk, readAt } from '../disk.ts'
import type { Disk } from '../disk.ts'
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
export async function openBlock(path: string, disk: Disk = nodeDisk): Promise<Block | undefined> {
  await using file = await disk.open(path, 'r')
  const { size } = await file.stat()
  if (size < blockMagic.length + footerBytes) return undefined
  const magic = await readAt(file, 0, blockMagic.length)
  if (magic === undefined || blockMagic.some((byte, i) => magic[i] !== byte)) return undefined
  const bytes = await readAt(file, size - footerBytes, footerBytes)
  const footer = bytes === undefined ? undefined : decodeFooter(bytes, size)
  return footer === undefined ? undefined : { path, footer, bytes: size, badPages: new Set() }
}
