import type { Log } from '../../common/log.ts'
import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import type { ProbeAccount } from './probe-account.ts'
import type { KeptOutcome } from './probe-outcome.ts'
import type { ProbeRunner } from './probe-runner.ts'
import type { Round } from './source.ts'

/** How each probe of a scrape did, as series and, when it changes, as a line of the log. */
export interface ProbeReport {
  begin(): void
  /** Notes a result that this scrape gives, fresh or kept. @param place the database, or '' for the server as a whole */
  note(place: string, runner: ProbeRunner, kept: KeptOutcome): void
  /** How the probes since `begin` did; the end of a scrape. */
  tables(round: Round): readonly SampleTable[]
}

interface Result {
  readonly place: string
  readonly branch: string
  readonly kept: KeptOutcome
}

/** The results of one probe in one scrape, in all databases together. */
interface Sum {
  readonly account: ProbeAccount
  seconds: number
  rows: number
}

export function createProbeReport(log: Log): ProbeReport {
  const failing = new Map<string, string>()
  let results: Result[] = []
  let sums = new Map<string, Sum>()
  let failures = new Map<string, { readonly message: string; readonly place: string }>()
  let omitted = 0
  let omittedBefore = 0
  let made:
    { readonly key: string; readonly atMs: number; readonly tables: readonly SampleTable[] } | undefined

  const tellChanges = (): void => {
    for (const [branch, { message, place }] of failures) {
      if (failing.get(branch) === message) continue
      failing.set(branch, message)
      const where = place === '' ? {} : { database: place }
      log.warn({ probe: branch, ...where }, `scrape: a probe failed: ${message}`)
    }
    for (const branch of failing.keys()) {
      if (failures.has(branch) || !sums.has(branch)) continue
      failing.delete(branch)
      log.info({ probe: branch }, 'scrape: a probe works again')
    }
    if (omitted > 0 && omittedBefore === 0) {
      log.warn({ probes: omitted }, 'scrape: the deadline came before all probes had run')
    }
    omittedBefore = omitted
  }

  return {
    begin() {
      results = []
      sums = new Map()
      failures = new Map()
      omitted = 0
    },
    note(place, { probe: { branch }, account }, kept) {
      const { outcome } = kept
      if (outcome.state === 'skipped') return
      let sum = sums.get(branch)
      if (sum === undefined) sums.set(branch, (sum = { account, seconds: 0, rows: 0 }))
      results.push({ place, branch, kept })
      sum.seconds += kept.durationMs / 1000
      if (outcome.state === 'measured') sum.rows += outcome.rows
      else if (outcome.error.code === 'CANCELLED') omitted++
      else if (!failures.has(branch)) failures.set(branch, { place, message: outcome.error.message })
    },
    tables(round) {
      tellChanges()
      // What probes cost changes slowly; that one fails is told at once.
      const key = results.map(({ place, branch, kept }) => `${place} ${branch} ${kept.outcome.state}`).join()
      const ageMs = round.timestampMs - (made?.atMs ?? 0)
      if (made?.key === key && ageMs >= 0 && ageMs < tellAgainMs) return made.tables
      const tables = [
        {
          metrics: ['pgherd_probe_up', 'pgherd_probe_timestamp_seconds'],
          labelNames: ['datname', 'probe'],
          // Of databases only what fails: a series for each probe in each of hundreds would say nothing else.
          rows: results.filter(isShown).map(({ place, branch, kept: { outcome, atMs } }) => ({
            labels: [place, branch],
            values: [outcome.state === 'measured' ? 1 : 0, atMs / 1000],
          })),
        },
        { metrics: sumMetrics, labelNames: ['probe'], rows: [...sums].map(sumRow) },
      ]
      made = { key, atMs: round.timestampMs, tables }
      return tables
    },
  }
}

function isShown({ place, kept }: Result): boolean {
  return place === '' || kept.outcome.state === 'failed'
}

/** At most this long an unchanged report is given again. */
const tellAgainMs = 30_000

const sumMetrics = [
  'pgherd_probe_duration_seconds',
  'pgherd_probe_rows',
  'pgherd_probe_interval_seconds',
  'pgherd_probe_throttled',
  'pgherd_probe_runs_total',
  'pgherd_probe_errors_total',
  'pgherd_probe_seconds_total',
]

function sumRow([branch, { account, seconds, rows }]: readonly [string, Sum]): SampleRow {
  const { runs, errors, milliseconds } = account.totals()
  const intervalMs = account.intervalMs()
  const throttled = account.isThrottled() ? 1 : 0
  return {
    labels: [branch],
    values: [seconds, rows, intervalMs / 1000, throttled, runs, errors, milliseconds / 1000],
  }
}
