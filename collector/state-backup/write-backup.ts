import { existsSync } from 'node:fs'
import { link, mkdir, open, rename, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { DatabaseSync, backup as copyDatabase } from 'node:sqlite'
import { PgherdError, messageOf, systemCodeOf } from '../../common/errors.ts'
import { isDiskFull, syncDirectory } from '../../common/spool/file-operations.ts'
import { version } from '../../common/version.ts'
import { writeFileDurably } from '../../common/write-file-durably.ts'
import { footerBytes } from '../store/embedded/block/footer.ts'
import { blockSuffix } from '../store/embedded/files.ts'
import { copyFile, hashFile } from './copy-file.ts'
import { configurationFolder, manifestName, printManifest, stateFolder } from './manifest.ts'
import type { BackupFile, Manifest } from './manifest.ts'
import { databaseDamage } from './database-damage.ts'
import { openStoreFiles } from './open-store-files.ts'
import { otherFiles } from './other-files.ts'

/** SQLite's result code for a disk without room (sqlite.org/rescode.html). */
const databaseFull = 13

export interface WriteBackupOptions {
  /** The collector's directory, on which it may run. */
  readonly directory: string
  /** Where the authority is, when it is not in `directory`. */
  readonly trust: string | undefined
  /** Files that configure the collector. */
  readonly configuration: readonly string[]
  /** Folder of the new backup, which is not there yet. */
  readonly to: string
  /** The backup before it, with which it may share blocks. */
  readonly previous: { readonly path: string; readonly manifest: Manifest } | undefined
  readonly createdMs: number
  readonly progress: (line: string) => void
}

export interface WrittenBackup {
  readonly files: number
  readonly bytes: number
  /** Of `bytes`, those in blocks that are shared with the backup before. */
  readonly sharedBytes: number
}

/**
 * Copies all that a collector needs to go on elsewhere, also while it runs. Databases are copied before the audit, which
 * is written first: it has the beginning of all that a database has. Under another name until all of it is on the disk.
 * @throws PgherdError DIRECTORY_UNUSABLE, DISK_FULL, BUSY, STORE_CORRUPT
 */
export async function writeBackup(options: WriteBackupOptions): Promise<WrittenBackup> {
  const { to, progress } = options
  const unfinished = `${to}.unfinished`
  try {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 })
    await mkdir(unfinished, { mode: 0o700 })
    const writer = createWriter(unfinished)
    const configuration = await copyConfiguration(writer, options)
    await copyState(writer, options)
    progress('the metrics')
    const sharedBytes = await copyStore(writer, options)
    const { files, folders } = writer
    const { createdMs, directory } = options
    const text = printManifest({ pgherd: version, createdMs, directory, files, configuration })
    await writeFileDurably(join(unfinished, manifestName), text, 0o600)
    for (const folder of folders) await syncDirectory(folder)
    await rename(unfinished, to)
    await syncDirectory(dirname(to))
    return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), sharedBytes }
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined)
    if (error instanceof PgherdError) throw error
    const code = isDiskFull(error) || resultOf(error) === databaseFull ? 'DISK_FULL' : 'DIRECTORY_UNUSABLE'
    throw new PgherdError(code, `the backup ${to} could not be written: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

interface Writer {
  readonly root: string
  readonly files: BackupFile[]
  readonly folders: ReadonlySet<string>
  /** Makes the folders above a file. @returns where it is to be written */
  place(path: string): Promise<string>
  /** Copies what is open. */
  copy(handle: FileHandle, bytes: number, path: string): Promise<void>
}

function createWriter(root: string): Writer {
  const files: BackupFile[] = []
  const folders = new Set([root])
  const writer: Writer = {
    root,
    files,
    folders,
    async place(path) {
      const target = join(root, path)
      await mkdir(dirname(target), { recursive: true, mode: 0o700 })
      for (let folder = dirname(target); !folders.has(folder); folder = dirname(folder)) folders.add(folder)
      return target
    },
    async copy(handle, bytes, path) {
      const sha256 = await copyFile(handle, bytes, await writer.place(path))
      if (sha256 === undefined)
        throw new PgherdError('STORE_CORRUPT', `${path} became shorter while it was copied`)
      files.push({ path, bytes, sha256 })
    },
  }
  return writer
}

async function copyConfiguration(
  writer: Writer,
  { configuration }: WriteBackupOptions,
): Promise<Manifest['configuration']> {
  const copied: { path: string; from: string }[] = []
  for (const from of configuration) {
    await using handle = await open(from, 'r')
    const path = `${configurationFolder}/${String(copied.length + 1).padStart(2, '0')}-${basename(from)}`
    await writer.copy(handle, (await handle.stat()).size, path)
    copied.push({ path, from })
  }
  return copied
}

/** All but the metrics. */
async function copyState(writer: Writer, { directory, trust, progress }: WriteBackupOptions): Promise<void> {
  const found = await otherFiles(directory)
  for (const path of found.databases) {
    progress(path)
    const name = join(stateFolder, path)
    const target = await writer.place(name)
    using database = new DatabaseSync(join(directory, path), { readOnly: true })
    // All pages in one step: another process that writes between two would make it begin anew.
    await copyDatabase(database, target, { rate: 2 ** 30 })
    await using written = await open(target, 'r+')
    await written.chmod(0o600)
    await written.sync()
    const damage = databaseDamage(target)
    if (damage !== undefined)
      throw new PgherdError(
        'STORE_CORRUPT',
        `${join(directory, path)}: ${damage}; no backup of it could be restored, so none is made`,
      )
    writer.files.push({ path: name, ...(await hashFile(target)) })
  }
  for (const path of found.files) await copyOther(writer, join(directory, path), join(stateFolder, path))
  const inside = trust === undefined || !relative(directory, trust).startsWith('..')
  if (!inside && existsSync(trust)) {
    progress('the authority')
    for (const path of (await otherFiles(trust)).files) {
      await copyOther(writer, join(trust, path), join(stateFolder, 'trust', path))
    }
  }
  for (const path of found.journals) await copyOther(writer, join(directory, path), join(stateFolder, path))
}

async function copyOther(writer: Writer, from: string, path: string): Promise<void> {
  try {
    await using handle = await open(from, 'r')
    const { size } = await handle.stat()
    const bytes = path.endsWith('.jsonl') ? await endOfLastLine(handle, size) : size
    await writer.copy(handle, bytes, path)
  } catch (error) {
    // Removed meanwhile, as a part of the buffer that was sent.
    if (systemCodeOf(error) !== 'ENOENT') throw error
  }
}

/** What comes after it is being written. */
async function endOfLastLine(handle: FileHandle, size: number): Promise<number> {
  const tail = Buffer.alloc(1 << 16)
  for (let end = size; end > 0;) {
    const from = Math.max(0, end - tail.length)
    const { bytesRead } = await handle.read(tail, 0, end - from, from)
    const at = tail.subarray(0, bytesRead).lastIndexOf(0x0a)
    if (at >= 0) return from + at + 1
    end = from
  }
  return 0
}

async function copyStore(
  writer: Writer,
  { directory, previous, progress }: WriteBackupOptions,
): Promise<number> {
  await using store = await openStoreFiles(join(directory, 'metrics'))
  const total = store.files.reduce((sum, { bytes }) => sum + bytes, 0)
  const known = new Map(previous?.manifest.files.map((file) => [file.path, file]))
  let [done, shared, told] = [0, 0, 0]
  for (const { path: inStore, handle, bytes } of store.files) {
    const path = join(stateFolder, 'metrics', inStore)
    const before = path.endsWith(blockSuffix) ? known.get(path) : undefined
    if (
      before?.bytes === bytes &&
      (await isShared(handle, bytes, join(previous!.path, path), writer, path))
    ) {
      writer.files.push(before)
      shared += bytes
    } else await writer.copy(handle, bytes, path)
    done += bytes
    const tenths = Math.floor((done * 10) / total)
    if (tenths > told) progress(`${tenths * 10} % of ${Math.ceil(total / 2 ** 20)} MiB of metrics`)
    told = tenths
  }
  return shared
}

/** Gives the block of the backup before a second name if it is the same: a footer has the checksums of its block. */
async function isShared(
  handle: FileHandle,
  bytes: number,
  before: string,
  writer: Writer,
  path: string,
): Promise<boolean> {
  if (bytes < footerBytes) return false
  try {
    await using other = await open(before, 'r')
    if ((await other.stat()).size !== bytes) return false
    const [mine, theirs] = [Buffer.alloc(footerBytes), Buffer.alloc(footerBytes)]
    await handle.read(mine, 0, footerBytes, bytes - footerBytes)
    await other.read(theirs, 0, footerBytes, bytes - footerBytes)
    if (!mine.equals(theirs)) return false
    await link(before, await writer.place(path))
    return true
  } catch (error) {
    // Another disk, one without links, or a backup that is being removed.
    if (['EXDEV', 'EPERM', 'EMLINK', 'ENOENT', 'EACCES', 'ENOTSUP'].includes(systemCodeOf(error) ?? ''))
      return false
    throw error
  }
}

function resultOf(error: unknown): unknown {
  return error instanceof Error && 'errcode' in error ? error.errcode : undefined
}
