import { parseInfo } from '../../../common/backup/pgbackrest-info.ts'
import type { Stanza } from '../../../common/backup/pgbackrest-info.ts'
import { withoutSecrets } from '../../../common/backup/without-secrets.ts'
import type { Clock } from '../../../common/clock.ts'
import { withinDeadline } from '../../../common/deadline.ts'
import { toPgherdError } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import type { SampleTable } from '../../../common/series/sample-table.ts'
import { createFailureLog } from '../failure-log.ts'
import type { LabelsFor } from '../known-endpoint.ts'
import { ageTable, reserveMs } from '../neighbour.ts'
import type { Neighbour, NeighbourRound } from '../neighbour.ts'
import { backupTables } from './backup-tables.ts'
import { createCommand } from './command.ts'
import { lastBackupTable } from './last-backups.ts'
import { newestBackups } from './newest-backups.ts'
import { stanzaTables } from './stanza-tables.ts'

/** As what pgBackRest is known: the job, and the port of the exporter in whose place this stands. */
export const pgbackrestEndpoint = { job: 'pgsql', port: 9854 }

export interface PgbackrestOptions {
  readonly labelsFor: LabelsFor
  /** The program with what comes before its own arguments, such as `sudo -n -u postgres pgbackrest`. */
  readonly command?: readonly string[] | undefined
  readonly configFile?: string | undefined
  readonly configIncludePath?: string | undefined
  /** All that the repositories have unless told; that one is missing is seen only when it is named. */
  readonly stanza?: string | undefined
  /** Run no more often than this; 2 minutes unless told. */
  readonly intervalMs?: number | undefined
  /** Of one run, which may take longer than a scrape; 1 minute unless told. */
  readonly timeoutMs?: number | undefined
  /** Of its output; 8 MiB unless told. */
  readonly maxBytes?: number | undefined
  readonly clock: Clock
  readonly log: Log
}

/** How long a scrape that has a result to repeat waits for a newer one. */
const patienceMs = 1000

/** Those that have series of their own; the others count for what is told of a stanza and its last backups. */
const maxBackups = 1000

interface Result {
  readonly atMs: number
  /** Undefined when it failed. */
  readonly stanzas: readonly Stanza[] | undefined
  /** Made once: only ages change between two runs. */
  readonly tables: readonly SampleTable[]
}

/**
 * The backups as `pgbackrest info` tells them, under pgbackrest_exporter's names without the ones that take a run
 * per backup (`_databases`). The command runs beside the scrapes: until it has ended, the last result is
 * repeated, with its age. One that fails or hangs is down until its next run.
 * @see https://github.com/woblerr/pgbackrest_exporter
 */
export function createPgbackrestSource(options: PgbackrestOptions): Neighbour {
  const { clock, intervalMs = 120_000, timeoutMs = 60_000, maxBytes = 8 * 1024 * 1024 } = options
  const labels = options.labelsFor(pgbackrestEndpoint.job, pgbackrestEndpoint.port)
  const log = options.log.child({ job: labels['job'], instance: labels['instance'] })
  const tellFailure = createFailureLog(log, {
    bad: 'the backups cannot be measured',
    good: 'the backups are measured again',
  })
  const tellStanzas = createFailureLog(log, {
    bad: 'pgbackrest finds something wrong',
    good: 'pgbackrest finds nothing wrong any more',
  })
  const tellBackups = createFailureLog(log, {
    bad: 'pgbackrest has very many backups',
    good: 'pgbackrest has no more backups than are measured',
  })
  const closing = new AbortController()
  let running: Promise<void> | undefined
  let result: Result | undefined

  const runInfo = createCommand([
    ...(options.command ?? ['pgbackrest']),
    ...(options.configFile === undefined ? [] : [`--config=${options.configFile}`]),
    ...(options.configIncludePath === undefined
      ? []
      : [`--config-include-path=${options.configIncludePath}`]),
    ...(options.stanza === undefined ? [] : [`--stanza=${options.stanza}`]),
    '--log-level-console=off',
    '--log-level-stderr=error',
    '--output=json',
    'info',
  ])

  const run = async (atMs: number): Promise<void> => {
    try {
      const text = await runInfo({ timeoutMs, maxBytes, signal: closing.signal })
      const stanzas = parseInfo(text)
      const shown = newestBackups(stanzas, maxBackups)
      const tables = [exporterTable(1), ...stanzaTables(stanzas), ...backupTables(shown)]
      result = { atMs, stanzas, tables }
      tellFailure(undefined)
      tellStanzas(troubleOf(stanzas))
      tellBackups(
        shown === stanzas ? undefined : `only the newest ${maxBackups} of them are measured one by one`,
      )
    } catch (thrown) {
      const error = toPgherdError(thrown)
      result = { atMs, stanzas: undefined, tables: [exporterTable(0)] }
      if (!closing.signal.aborted) tellFailure(error.message)
    }
  }

  const isDue = ({ timestampMs }: NeighbourRound): boolean => {
    const ageMs = timestampMs - (result?.atMs ?? 0)
    return result === undefined || ageMs < 0 || ageMs >= intervalMs
  }

  return {
    labels,
    async measure(round) {
      if (running === undefined && isDue(round) && !closing.signal.aborted) {
        running = run(round.timestampMs).finally(() => {
          running = undefined
        })
      }
      if (running !== undefined) {
        const leftMs = Math.max(0, round.remainingMs() - reserveMs)
        await withinDeadline(running, result === undefined ? leftMs : Math.min(leftMs, patienceMs), clock)
      }
      if (result === undefined) return { up: false, tables: [] }
      const { atMs, stanzas, tables } = result
      const age = ageTable(round, atMs)
      if (stanzas === undefined) return { up: false, tables: [...tables, age] }
      return { up: true, tables: [...tables, lastBackupTable(stanzas, round.timestampMs), age] }
    },
    async [Symbol.asyncDispose]() {
      closing.abort()
      await running
    },
  }

  function exporterTable(status: 0 | 1): SampleTable {
    const stanza = options.stanza ?? 'all-stanzas'
    return {
      metrics: ['pgbackrest_exporter_status'],
      labelNames: ['stanza'],
      rows: [{ labels: [stanza], values: [status] }],
    }
  }
}

/** `info` ends with status 0 whatever it finds: what is wrong is in its answer. */
function troubleOf(stanzas: readonly Stanza[]): string | undefined {
  const troubles = stanzas
    .filter(({ status }) => status.code !== 0)
    .map(({ name, status, repo }) => {
      const reasons = repo.filter((one) => one.status.code === 99).map((one) => one.status.message ?? '')
      const what = [status.message ?? status.code, ...reasons].join(', ')
      return `stanza ${name}: ${withoutSecrets(what).slice(0, 300)}`
    })
  return troubles.length === 0 ? undefined : troubles.join('; ')
}
