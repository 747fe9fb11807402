import { createBuckets } from '../../../common/percentiles/buckets.ts'
import type { Moments } from '../../../common/percentiles/moments.ts'
import { addTo } from './add-to.ts'
import { amountCount } from './amount.ts'
import { choose } from './choose.ts'
import { createCounters } from './counters.ts'
import type { Counters } from './counters.ts'

/** From 10 microseconds to 100 seconds, four to a power of ten, in seconds. */
export const edges: readonly number[] = Array.from({ length: 29 }, (_, i) =>
  Number((10 ** (i / 4 - 5)).toPrecision(3)),
)

const fillBuckets = createBuckets(edges)

/** What is told of a database as a whole. */
export interface DatabaseSeries {
  /** By `amount`, of statements without series of their own. */
  readonly others: Counters
  /** How many calls took as long, by bucket, and behind them the seconds of all. */
  readonly durations: Counters
}

/** Databases by what happens in them. Those that get no place are told as one. */
export interface Databases {
  /** Calls, which are counted by how long they took unless somebody else does that. */
  add(dbid: number, moments: Moments, interval: number, withDurations: boolean): void
  /** Calls of which it was measured in which bucket they are. @param counts one more than there are edges */
  addCounts(dbid: number, counts: Float64Array, seconds: number): void
  /** Where what statements without series of their own do is to be counted. */
  of(dbid: number): DatabaseSeries
  settle(interval: number): void
  /** By dbid; undefined for all others together, where there are such. */
  entries(): readonly (readonly [number | undefined, DatabaseSeries])[]
}

interface Known {
  faded: number
  fadedAt: number
  /** Its calls by bucket in this interval, with their seconds. */
  readonly pending: Float64Array
  hasPending: boolean
  series: DatabaseSeries | undefined
}

const chooseEvery = 6
const fade = 0.5 ** (1 / 60)

/** @param places how many are told each for itself */
export function createDatabases(places: number): Databases {
  const known = new Map<number, Known>()
  let rest: DatabaseSeries | undefined
  let newcomers = false

  const get = (dbid: number): Known => {
    let found = known.get(dbid)
    if (found === undefined) {
      const pending = new Float64Array(edges.length + 2)
      found = { faded: 0, fadedAt: 0, pending, hasPending: false, series: undefined }
      known.set(dbid, found)
      newcomers = true
    }
    return found
  }

  const fadeTo = (database: Known, interval: number): number => {
    if (database.fadedAt === interval) return database.faded
    database.faded *= fade ** Math.max(0, interval - database.fadedAt)
    database.fadedAt = interval
    return database.faded
  }

  const chooseAgain = (interval: number): void => {
    const candidates = [...known.values()].map((database) => ({
      database,
      isChosen: database.series !== undefined,
      scores: Float64Array.of(fadeTo(database, interval)),
      series: 1,
    }))
    const chosen = choose(candidates, { places, series: places })
    for (const candidate of candidates) {
      const { database } = candidate
      const before = database.series
      if (chosen.has(candidate)) database.series ??= createSeries()
      else if (before !== undefined) {
        database.series = undefined
        const { others, durations } = seriesOf(database)
        addTo(others.values, before.others.untold())
        addTo(durations.values, before.durations.untold())
      }
    }
  }

  const seriesOf = (database: Known | undefined): DatabaseSeries =>
    database?.series ?? (rest ??= createSeries())

  return {
    add(dbid, moments, interval, withDurations) {
      const database = get(dbid)
      database.faded = fadeTo(database, interval) + moments.sum
      if (!withDurations) return
      database.hasPending = true
      fillBuckets(database.pending, moments)
      database.pending[edges.length + 1]! += moments.sum
    },
    addCounts(dbid, counts, seconds) {
      const database = get(dbid)
      database.hasPending = true
      addTo(database.pending, counts)
      database.pending[edges.length + 1]! += seconds
    },
    of: (dbid) => seriesOf(get(dbid)),
    settle(interval) {
      if (interval % chooseEvery === 0 || newcomers) chooseAgain(interval)
      newcomers = false
      for (const database of known.values()) {
        if (!database.hasPending) continue
        database.hasPending = false
        addTo(seriesOf(database).durations.values, database.pending)
        database.pending.fill(0)
      }
    },
    entries: () => [
      ...[...known].flatMap(([dbid, { series }]) => (series === undefined ? [] : [[dbid, series] as const])),
      ...(rest === undefined ? [] : [[undefined, rest] as const]),
    ],
  }
}

function createSeries(): DatabaseSeries {
  return { others: createCounters(amountCount), durations: createCounters(edges.length + 2, true) }
}
