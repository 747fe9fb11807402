import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

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

/** Everything, also what later releases add. @throws Error of the file system */
export async function otherFiles(directory: string): Promise<OtherFiles> {
  const databases: string[] = []
  const files: string[] = []
  const journals: string[] = []
  const visit = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(directory, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (left.test(entry.name) || path === 'metrics') continue
      if (entry.isDirectory()) await visit(path)
      else if (!entry.isFile()) continue
      else if (path.endsWith('.sqlite')) databases.push(path)
      else if (path.endsWith('.jsonl')) journals.push(path)
      else files.push(path)
    }
  }
  await visit('')
  // How far the segments of the buffer were read comes before the segments: then none has been let go that it needs.
  const isSegment = (path: string): number => (path.endsWith('.segment') ? 1 : 0)
  files.sort((a, b) => isSegment(a) - isSegment(b) || (a < b ? -1 : 1))
  return { databases: databases.sort(), files, journals: journals.sort() }
}
