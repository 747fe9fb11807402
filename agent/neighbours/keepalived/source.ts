import type { Clock } from '../../../common/clock.ts'
import { toPgherdError } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import type { SampleTable } from '../../../common/series/sample-table.ts'
import { createFailureLog } from '../failure-log.ts'
import type { LabelsFor } from '../known-endpoint.ts'
import { ageTable, plainTable, reserveMs } from '../neighbour.ts'
import type { Neighbour, NeighbourRound } from '../neighbour.ts'
import { createVipReader, vipEndpoint } from '../vip.ts'
import type { ReadAddresses } from '../vip.ts'
import { readDump } from './dump.ts'
import { findKeepalived } from './process.ts'
import { vrrpTables } from './vrrp-tables.ts'

export interface KeepalivedOptions {
  readonly labelsFor: LabelsFor
  /** Of its parent process; the usual places unless told. */
  readonly pidFiles?: readonly string[] | undefined
  /** Path of its dump files without `.json`, `.data` and `.stats`; /tmp/keepalived unless told. */
  readonly dumpPrefix?: string | undefined
  /** Asked no more often than this, because it logs a line each time; 30 s unless told. */
  readonly intervalMs?: number | undefined
  /** Addresses to tell the owner of, besides those that keepalived has. */
  readonly vips?: readonly string[] | undefined
  readonly readAddresses?: ReadAddresses | undefined
  readonly clock: Clock
  readonly log: Log
}

const usualPidFiles = ['/run/keepalived.pid', '/run/keepalived/keepalived.pid', '/var/run/keepalived.pid']
const dumpTimeoutMs = 1000

/** What is known of keepalived since it was asked; no tables when it could not be asked. */
interface Answer {
  readonly atMs: number
  /** Made once: the very same tables are a result that is used again. */
  readonly tables: readonly SampleTable[] | undefined
  readonly repeatable: boolean
}

/**
 * keepalived's VRRP instances, from what it writes at a signal, and whether this host has the virtual addresses,
 * which is looked up at every round and needs neither keepalived nor its permission.
 */
export function createKeepalivedSource(options: KeepalivedOptions): Neighbour {
  const { clock, intervalMs = 30_000, pidFiles = usualPidFiles, dumpPrefix = '/tmp/keepalived' } = options
  const labels = options.labelsFor(vipEndpoint.job, vipEndpoint.port)
  const log = options.log.child({ job: labels['job'], instance: labels['instance'] })
  const tellFailure = createFailureLog(log, {
    bad: 'keepalived cannot be measured',
    good: 'keepalived is measured again',
  })
  const readVips = createVipReader(log, options.readAddresses)
  let answer: Answer | undefined
  /** Those that keepalived had when it was last asked. */
  let vips: readonly string[] = []

  const ask = async (round: NeighbourRound): Promise<Answer> => {
    const timeoutMs = Math.max(0, Math.min(dumpTimeoutMs, round.remainingMs() - reserveMs))
    try {
      const keepalived = await findKeepalived(pidFiles)
      const instances = await readDump(keepalived, dumpPrefix, { timeoutMs, clock })
      tellFailure(undefined)
      vips = instances.flatMap((one) => one.vips)
      return { atMs: round.timestampMs, tables: vrrpTables(instances), repeatable: true }
    } catch (thrown) {
      const error = toPgherdError(thrown)
      tellFailure(error.message)
      return { atMs: round.timestampMs, tables: undefined, repeatable: error.code === 'TIMED_OUT' }
    }
  }

  return {
    labels,
    async measure(round) {
      const ageMs = round.timestampMs - (answer?.atMs ?? 0)
      if (answer?.repeatable !== true || ageMs < 0 || ageMs >= intervalMs) answer = await ask(round)
      const { atMs, tables } = answer
      const owned = readVips([...(options.vips ?? []), ...vips])
      const up = tables !== undefined
      return {
        up,
        tables: [
          plainTable({ keepalived_up: up ? 1 : 0 }),
          ...(up ? [...tables, ageTable(round, atMs)] : []),
          ...(owned === undefined ? [] : [owned]),
        ],
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
