import type { DiskClass } from '../recommend/machine.ts'
import type { Evidence } from './evidence.ts'

/** Judgement: fewer reads are an accident of their hour. */
const readsForACertainLatency = 10_000

/**
 * How long a read takes by what answers it, milliseconds, up to which it is one. Below the first it is the kernel's page cache, which says
 * nothing about the disk. Judgement, from what such disks do under the load of a database.
 */
const pageCacheMs = 0.1
const classes: readonly (readonly [number, DiskClass])[] = [
  [0.5, 'nvme'],
  [2, 'ssd'],
  [5, 'san'],
  [Infinity, 'hdd'],
]

export interface ReadLatency {
  /** Of one read. */
  readonly ms: number
  readonly reads: number
  /** Where the figures are from, as an operator can look them up. */
  readonly from: string
}

/**
 * How long a session waits for a page that shared_buffers does not have. Since 16 only of single pages (pg_stat_io, context normal), because a
 * scan waits for what others have asked for before it; before 16 of everything that sessions read.
 * @returns undefined without track_io_timing, or with fewer reads than that says something
 */
export function readLatency(evidence: Evidence): ReadLatency | undefined {
  const knowsContext = evidence.increase('io.reads') !== undefined
  const [reads, time, from] = knowsContext
    ? (['io.reads', 'io.read_ms', "pg_stat_io.read_time / reads, context 'normal'"] as const)
    : ([
        'database.blks_read',
        'database.blk_read_time',
        'pg_stat_database.blk_read_time / blks_read',
      ] as const)
  const count = evidence.increase(reads) ?? 0
  const ms = evidence.increase(time) ?? 0
  return count < readsForACertainLatency || ms === 0 ? undefined : { ms: ms / count, reads: count, from }
}

/** What a disk with such reads is; undefined where the page cache answers. */
export function diskClassOf(ms: number): DiskClass | undefined {
  return ms < pageCacheMs ? undefined : classes.find(([most]) => ms < most)?.[1]
}
