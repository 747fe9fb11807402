import type { Clock } from '../../common/clock.ts'
import { withinDeadline } from '../../common/deadline.ts'
import type { InstanceHealth } from '../../common/health/instance-health.ts'
import { fresh, momentOf } from './seen.ts'
import type { Moment, Seen } from './seen.ts'

/** What statfs(2) tells. */
export interface FileSystem {
  readonly bsize: number
  readonly blocks: number
  readonly bavail: number
  readonly files: number
  readonly ffree: number
}

export type Statfs = (path: string) => Promise<FileSystem>

type SpaceView = InstanceHealth['space'][number]

/**
 * Node has four threads for files, and one that asks a hung mount is gone for good: all servers together hold no more than one.
 */
export interface StatfsTurn {
  take(): boolean
  release(): void
}

export function createStatfsTurn(): StatfsTurn {
  let isTaken = false
  return {
    take() {
      if (isTaken) return false
      isTaken = true
      return true
    },
    release() {
      isTaken = false
    },
  }
}

export interface SpaceWatch {
  /** It never rejects; a file system that does not answer is asked no second time until it does. */
  look(dataDirectory: string): Promise<void>
  view(now: Moment): readonly SpaceView[]
}

export function createSpaceWatch(options: {
  readonly statfs: Statfs
  readonly turn: StatfsTurn
  readonly clock: Clock
  readonly intervalMs: number
}): SpaceWatch {
  const { clock, turn, intervalMs } = options
  const seen = new Map<SpaceView['of'], Seen<SpaceView>>()

  const lookAt = async (of: SpaceView['of'], path: string): Promise<void> => {
    if (!turn.take()) return
    const work = options.statfs(path).then(
      ({ bsize, blocks, bavail, files, ffree }) => {
        const hasInodes = files > 0
        const value: SpaceView = {
          of,
          freeBytes: bavail * bsize,
          totalBytes: blocks * bsize,
          freeInodes: hasInodes ? ffree : null,
          totalInodes: hasInodes ? files : null,
        }
        seen.set(of, { value, at: momentOf(clock), validMs: 4 * intervalMs })
      },
      // The log's directory lies where only the server's own user may look.
      () => undefined,
    )
    void work.finally(() => turn.release())
    await withinDeadline(work, intervalMs / 2, clock)
  }

  let isTurnOfLog = false
  return {
    async look(dataDirectory) {
      // In turn: each look takes a thread and its switches, which is much of a cycle.
      if (isTurnOfLog) await lookAt('wal', `${dataDirectory}/pg_wal`)
      else await lookAt('data', dataDirectory)
      isTurnOfLog = !isTurnOfLog
    },
    view: (now) => [...seen.values()].flatMap((one) => fresh(one, now) ?? []),
  }
}
