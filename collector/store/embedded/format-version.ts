import { dirname, join } from 'node:path'
import { PgherdError } from '../../../common/errors.ts'
import { isDiskFull } from '../../../common/spool/file-operations.ts'
import { readAt, whenUnreadable } from './disk.ts'
import type { Disk } from './disk.ts'
import { blockMagic, footerBytes } from './block/footer.ts'
import { blockSuffix, listWindowFiles } from './files.ts'
import type { StorePaths } from './files.ts'

/** Says which releases can read a store; one without it is of the first format. */
export const formatFile = 'format'

/** Raised when an earlier release would take what is written now for damage. */
const newestFormat = 1

const versionAt = blockMagic.length - 2

/**
 * Refuses a store that a newer release has written, before anything of it is touched: what is not known would be taken
 * for damage and set aside.
 * @throws PgherdError DIRECTORY_UNUSABLE
 */
export async function refuseNewerStore(disk: Disk, paths: StorePaths): Promise<void> {
  const text = await whenUnreadable(() => readText(disk, join(paths.directory, formatFile)), undefined)
  const format = /^pgherd store (\d{1,9})\n/.exec(text ?? '')?.[1]
  if (Number(format) > newestFormat) throw newerStore(paths.directory, `format ${format}`)
  for (const { path, suffix } of await listWindowFiles(disk, paths.blocks)) {
    const version =
      suffix === blockSuffix ? await whenUnreadable(() => laterVersion(disk, path), undefined) : undefined
    if (version !== undefined) throw newerStore(paths.directory, `a block of version ${version} (${path})`)
  }
}

/**
 * Notes the format for the releases that may come upon the store later; on a full disk the next start does so. Errors are
 * those of the file system.
 */
export async function noteFormat(disk: Disk, paths: StorePaths): Promise<void> {
  const path = join(paths.directory, formatFile)
  const wanted = `pgherd store ${newestFormat}\n`
  if ((await whenUnreadable(() => readText(disk, path), wanted)) === wanted) return
  try {
    await write(disk, paths, path, wanted)
  } catch (error) {
    if (!isDiskFull(error)) throw error
  }
}

async function write(disk: Disk, paths: StorePaths, path: string, wanted: string): Promise<void> {
  const temporary = `${path}.tmp`
  {
    await using file = await disk.open(temporary, 'w')
    const bytes = Buffer.from(wanted)
    await file.write(bytes, 0, bytes.length, 0)
    await file.sync()
  }
  await disk.rename(temporary, path)
  await disk.syncDirectory(paths.directory)
}

/** Beginning and end have to say the same, so that one damaged byte is not taken for a later version. */
async function laterVersion(disk: Disk, path: string): Promise<number | undefined> {
  await using file = await disk.open(path, 'r')
  const { size } = await file.stat()
  if (size < blockMagic.length + footerBytes) return undefined
  const first = await readAt(file, 0, blockMagic.length)
  const last = await readAt(file, size - blockMagic.length, blockMagic.length)
  if (first === undefined || last === undefined || !first.equals(last)) return undefined
  if (!first.subarray(0, versionAt).equals(blockMagic.subarray(0, versionAt))) return undefined
  const version = first.readUInt16LE(versionAt)
  return version > blockMagic[versionAt]! ? version : undefined
}

async function readText(disk: Disk, path: string): Promise<string | undefined> {
  if (!(await disk.list(dirname(path))).includes(formatFile)) return undefined
  await using file = await disk.open(path, 'r')
  const { size } = await file.stat()
  return (await readAt(file, 0, Math.min(size, 100)))?.toString('latin1')
}

function newerStore(directory: string, what: string): PgherdError {
  return new PgherdError(
    'DIRECTORY_UNUSABLE',
    `${directory} has ${what}, which this release does not know: start the newer release that wrote it, or restore a backup of before the upgrade`,
  )
}
