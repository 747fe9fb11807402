import { nodeDisk, readAt } from '../disk.ts'
import type { Disk } from '../disk.ts'
import { blockMagic, decodeFooter, footerBytes, maxWindows, versionOf, windowBytes } from './footer.ts'
import type { BlockFooter } from './footer.ts'

/** An immutable file of sealed samples. Only its footer is in memory; the rest is read when a query needs it. */
export interface Block {
  readonly path: string
  readonly footer: BlockFooter
  readonly bytes: number
  /** Where pages start that failed their checksum: reported once, skipped from then on. */
  readonly badPages: Set<number>
}

const tailBytes = footerBytes + maxWindows * windowBytes

/** Opens a block by its footer; undefined when the file is not a whole block of a known version. */
export async function openBlock(path: string, disk: Disk = nodeDisk): Promise<Block | undefined> {
  await using file = await disk.open(path, 'r')
  const { size } = await file.stat()
  if (size < blockMagic.length + footerBytes) return undefined
  const magic = await readAt(file, 0, blockMagic.length)
  const length = Math.min(size - blockMagic.length, tailBytes)
  const tail = await readAt(file, size - length, length)
  const footer = tail === undefined ? undefined : decodeFooter(tail, size)
  if (magic === undefined || footer === undefined || versionOf(magic) !== footer.version) return undefined
  return { path, footer, bytes: size, badPages: new Set() }
}
