import type { Clock } from '../../common/clock.ts'
import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import { createLabelCache } from './labels.ts'
import type { Mount } from './mounts.ts'
import { createThreadBudget, threadLimits } from './threads.ts'
import type { ThreadBudget } from './threads.ts'

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

const metrics = [
  'node_filesystem_readonly',
  'node_filesystem_device_error',
  'node_filesystem_size_bytes',
  'node_filesystem_free_bytes',
  'node_filesystem_avail_bytes',
  'node_filesystem_files',
  'node_filesystem_files_free',
]

const labelNames = ['device', 'fstype', 'mountpoint']

/** Measures file systems; one that does not answer costs its own series and is left alone until it does. */
export function createFilesystemReader(options: {
  readonly statfs: StatFilesystem
  readonly clock: Clock
  /** Shared with others that may hang. */
  readonly threads?: ThreadBudget
}) {
  const { threads = createThreadBudget() } = options
  const stuck = new Set<string>()
  const labels = createLabelCache()

  /** What is known of a file system at its deadline, which may be many times longer than an answer takes. */
  const ask = async (mount: Mount, deadline: Deadline): Promise<Space | undefined> => {
    const { mountpoint } = mount
    const limit = mount.remote ? threadLimits.remote : threadLimits.local
    if (stuck.has(mountpoint) || !threads.take(limit)) return undefined
    const work = options.statfs(mountpoint).catch(() => undefined)
    stuck.add(mountpoint)
    void work.finally(() => {
      stuck.delete(mountpoint)
      threads.release()
    })
    return deadline.race(work)
  }

  return async (mounts: readonly Mount[], timeoutMs: number): Promise<readonly SampleTable[]> => {
    const rows: SampleRow[] = []
    using deadline = createDeadline(timeoutMs, options.clock)
    // One after the other, local ones first: what is stuck already must not keep them from an answer.
    for (const mount of [...mounts].sort((a, b) => Number(a.remote) - Number(b.remote))) {
      const space = await ask(mount, deadline)
      const state = [mount.readOnly ? 1 : 0, space === undefined ? 1 : 0]
      rows.push({
        labels: labels.of(mount.device, mount.type, mount.mountpoint),
        values: space === undefined ? state : [...state, ...amounts(space)],
      })
    }
    labels.turn()
    return [{ metrics, labelNames, rows }]
  }
}

interface Deadline extends Disposable {
  race(work: Promise<Space | undefined>): Promise<Space | undefined>
}

/** One timer for all that answer in time, which costs more than their answers; after a late one a new one starts. */
function createDeadline(timeoutMs: number, clock: Clock): Deadline {
  const done = new AbortController()
  const start = (): Promise<undefined> => clock.sleep(timeoutMs, done.signal).then(() => undefined)
  let running: Promise<undefined> | undefined
  return {
    async race(work) {
      running ??= start()
      const passed = running.then(() => (running = undefined))
      return Promise.race([work, passed])
    },
    [Symbol.dispose]: () => done.abort(),
  }
}

function amounts({ bsize, blocks, bfree, bavail, files, ffree }: Space): readonly number[] {
  return [blocks * bsize, bfree * bsize, bavail * bsize, files, ffree]
}
