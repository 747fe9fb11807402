import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PgherdError, messageOf } from '../../common/errors.ts'

/** What a collector keeps beside its metrics, as paths relative to its directory. */
export interface OtherFiles {
  /** SQLite, each with its write-ahead log. */
  readonly databases: readonly string[]
  readonly files: readonly string[]
  /** Files that are only appended to, line by line. */
  readonly journals: readonly string[]
}

/** Locks are of the running process; what is unfinished is of no use. */
const left =
  /^(?:lock|owner|snapshots|restored-configuration)$|\.(?:tmp|partial|unfinished|corrupt)$|-(?:wal|shm|journal)$/

/**
 * Everything, also what later releases add. Links are followed: an authority on another disk is part of it.
 * @throws PgherdError DIRECTORY_UNUSABLE for a link that leads nowhere or back into its own folder; Error of the file system
 */
export async function otherFiles(directory: string): Promise<OtherFiles> {
  const databases: string[] = []
  const files: string[] = []
  const journals: string[] = []
  const visit = async (folder: string, above: readonly string[]): Promise<void> => {
    const real = await realpath(join(directory, folder))
    if (above.includes(real))
      throw new PgherdError('DIRECTORY_UNUSABLE', `${join(directory, folder)} leads back to ${real}`)
    for (const entry of await readdir(real, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (left.test(entry.name) || path === 'metrics') continue
      const target = entry.isSymbolicLink() ? await targetOf(join(directory, path)) : entry
      if (target.isDirectory()) await visit(path, [...above, real])
      else if (!target.isFile()) continue
      else if (path.endsWith('.sqlite')) databases.push(path)
      else if (path.endsWith('.jsonl')) journals.push(path)
      else files.push(path)
    }
  }
  await visit('', [])
  // How far the segments of the buffer were read comes before the segments: then none has been let go that it needs.
  const isSegment = (path: string): number => (path.endsWith('.segment') ? 1 : 0)
  files.sort((a, b) => isSegment(a) - isSegment(b) || (a < b ? -1 : 1))
  return { databases: databases.sort(), files, journals: journals.sort() }
}

async function targetOf(link: string) {
  try {
    return await stat(link)
  } catch (error) {
    throw new PgherdError('DIRECTORY_UNUSABLE', `the link ${link} leads nowhere: ${messageOf(error)}`)
  }
}
