import type { Clock } from '../../common/clock.ts'
import { late, withinDeadline } from '../../common/deadline.ts'
import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import type { Mount } from './mounts.ts'

/** What statfs(2) tells. */
export interface Space {
  readonly bsize: number
  readonly blocks: number
  readonly bfree: number
  readonly bavail: number
  readonly files: number
  readonly ffree: number
}

export type StatFilesystem = (mountpoint: string) => Promise<Space>

/**
 * Calls that may be stuck at once. Each holds one of the four threads that Node does all its file work with, so
 * remote file systems get two, local ones one more, and one thread always stays free.
 */
const maxStuck = { remote: 2, local: 3 }

const metrics = [
  'node_filesystem_readonly',
  'node_filesystem_device_error',
  'node_filesystem_size_bytes',
  'node_filesystem_free_bytes',
  'node_filesystem_avail_bytes',
  'node_filesystem_files',
  'node_filesystem_files_free',
]

/** Measures file systems; one that does not answer costs its own series and is left alone until it does. */
export function createFilesystemReader(options: { readonly statfs: StatFilesystem; readonly clock: Clock }) {
  const stuck = new Set<string>()

  const ask = async (mount: Mount, timeoutMs: number): Promise<Space | undefined> => {
    const { mountpoint } = mount
    const limit = mount.remote ? maxStuck.remote : maxStuck.local
    if (stuck.has(mountpoint) || stuck.size >= limit) return undefined
    const work = options.statfs(mountpoint).catch(() => undefined)
    stuck.add(mountpoint)
    void work.finally(() => stuck.delete(mountpoint))
    const space = await withinDeadline(work, timeoutMs, options.clock)
    return space === late ? undefined : space
  }

  return async (mounts: readonly Mount[], timeoutMs: number): Promise<readonly SampleTable[]> => {
    const rows: SampleRow[] = []
    // One after the other, local ones first: what is stuck already must not keep them from an answer.
    for (const mount of [...mounts].sort((a, b) => Number(a.remote) - Number(b.remote))) {
      const space = await ask(mount, timeoutMs)
      const state = [mount.readOnly ? 1 : 0, space === undefined ? 1 : 0]
      rows.push({
        labels: [mount.device, mount.type, mount.mountpoint],
        values: space === undefined ? state : [...state, ...amounts(space)],
      })
    }
    return [{ metrics, labelNames: ['device', 'fstype', 'mountpoint'], rows }]
  }
}

function amounts({ bsize, blocks, bfree, bavail, files, ffree }: Space): readonly number[] {
  return [blocks * bsize, bfree * bsize, bavail * bsize, files, ffree]
}
