import type { SampleTable } from '../../../common/series/sample-table.ts'
import { addTo } from './add-to.ts'
import { amount } from './amount.ts'
import { createCounters } from './counters.ts'
import { createDatabases } from './databases.ts'
import { createFingerprints } from './fingerprints.ts'
import type { Fingerprint } from './fingerprints.ts'
import type { Look } from './look.ts'
import { addRow, rowMoments } from './row-amounts.ts'
import { createRowTracker } from './row-changes.ts'
import { statementTables } from './statement-tables.ts'

/** Adds up what statements do, from one look to the next. */
export interface Ledger {
  take(look: Look): void
  /** Durations that somebody else has counted, told with the next look. @param counts by the edges of durations, and beyond */
  addDurations(dbid: number, counts: Float64Array, seconds: number): void
  /** The very same as before while nothing has changed. */
  tables(): readonly SampleTable[]
  /** Statements that have series of their own. */
  readonly chosen: ReadonlySet<Fingerprint>
  /** Statements that did something lately, and rows of which the role may not see whose they are. */
  readonly known: number
  readonly hidden: number
}

export interface LedgerOptions {
  /** Statements that get series of their own at most. */
  readonly top: number
  /** The name of a database; undefined where it is gone, so that its statements are of no interest any more. */
  readonly nameOf: (dbid: number) => string | undefined
  /** Whether durations are counted from elsewhere at that time of the server. */
  readonly withoutDurations?: (serverSeconds: number) => boolean
}

/** Between looks that are further apart nobody knows when something was: it is told as what a series begins with. */
export const gapSeconds = 120
const databasePlaces = 9
/** Of the 1,300 that statements have together, what histograms and others leave; with more statements, in proportion. */
const statementSeries = 824
const seriesOfStatement = 10.3

export function createLedger(options: LedgerOptions): Ledger {
  const { top, nameOf, withoutDurations = () => false } = options
  const databases = createDatabases(databasePlaces)
  const fingerprints = createFingerprints(
    { places: top, series: Math.max(statementSeries, Math.round(top * seriesOfStatement)) },
    ({ dbid }, series) => addTo(databases.of(dbid).others.values, series.untold()),
  )
  const rows = createRowTracker(({ dbid }) => nameOf(dbid) !== undefined)
  const partial = createCounters(1, true)
  let interval = 0
  let told: readonly SampleTable[] = []
  let isStale = true

  const allCounters = () => [
    partial,
    ...[...fingerprints.chosen].flatMap(({ series }) => series ?? []),
    ...databases.entries().flatMap(([, { others, durations }]) => [others, durations]),
  ]

  return {
    take(look) {
      isStale = true
      const changes = rows.take(look)
      if (changes === undefined) return
      interval++
      const { before } = changes
      const withDurations = !withoutDurations(look.takenAt)
      const looks = { now: look, before }
      for (let i = 0; i < changes.rows.length; i++) {
        const places = changes.rows[i]!
        const { of } = places
        const fingerprint = fingerprints.of(of, interval)
        const moments = rowMoments(look, before, places)
        const longest = moments?.max ?? 0
        if (longest > fingerprint.longest) fingerprint.longest = longest
        if (of.toplevel) {
          addRow(fingerprint.amounts, looks, places, moments)
          if (moments !== undefined) databases.add(of.dbid, moments, interval, withDurations)
        } else if (moments !== undefined) {
          fingerprint.amounts[amount.nestedCalls]! += moments.calls
          fingerprint.amounts[amount.nestedTime]! += moments.sum
        }
      }
      const did = fingerprints.settle(interval)
      databases.settle(interval)
      for (const { series, dbid, amounts } of did) {
        addTo(series?.values ?? databases.of(dbid).others.values, amounts)
      }
      if (changes.partial) partial.values[0]!++
      if (look.takenAt - before.takenAt > gapSeconds) {
        for (const counters of allCounters()) counters.beginHere()
      }
    },
    addDurations: (dbid, counts, seconds) => databases.addCounts(dbid, counts, seconds),
    tables() {
      if (isStale) {
        told = statementTables({
          chosen: fingerprints.chosen,
          databases: databases.entries(),
          partial,
          nameOf,
        })
        isStale = allCounters().some(({ isBehind }) => isBehind)
      }
      return told
    },
    get chosen() {
      return fingerprints.chosen
    },
    get known() {
      return fingerprints.size
    },
    get hidden() {
      return rows.hidden
    },
  }
}
