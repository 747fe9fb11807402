import type { SampleRow } from '../../../common/series/sample-table.ts'

/**
 * Counters of which only so many have a series of their own, those with most in the last minutes; what has none goes to a common one, so
 * that the sum of all is always everything that was added.
 */
export interface BoundedCounters {
  /** @param labels what it belongs to, always as many */
  add(labels: readonly string[], amount: number): void
  /** One row per series. A series begins with 0, so that an increase over its beginning misses nothing. Asked at each scrape. */
  rows(): readonly SampleRow[]
  /** Grows whenever `rows` would be others than the last time. */
  readonly changes: number
}

export interface BoundedCountersOptions {
  /** Series of their own. */
  readonly limit: number
  /** Where something goes that has no series of its own. */
  readonly common: (labels: readonly string[]) => readonly string[]
  /** Where it goes when there are `maxCommon` of those. */
  readonly last: readonly string[]
  readonly maxCommon: number
  /** Monotonic, in milliseconds. */
  readonly nowMs: () => number
}

interface Series {
  readonly labels: readonly string[]
  value: number
  /** What `value` was when it was told last; undefined before. */
  told: number | undefined
  weight: number
  touchedMs: number
  readonly sinceMs: number
}

interface Candidate {
  readonly labels: readonly string[]
  pending: number
  weight: number
  touchedMs: number
}

/** A weight is half of itself after so long. */
const halfLifeMs = 600_000
/** What has less has no series of its own: something seen once would be a series for an hour. */
const leastWeight = 1.5
/** A series that gave way to another at each scrape would tell nothing. */
const leastAgeMs = 600_000
/** Without anything for so long a series ends. */
const idleMs = 3_600_000
const maxCandidates = 2_000

export function createBoundedCounters(options: BoundedCountersOptions): BoundedCounters {
  const { limit, common, last, maxCommon, nowMs } = options
  const own = new Map<string, Series>()
  const shared = new Map<string, Series>()
  const candidates = new Map<string, Candidate>()
  let changes = 0

  const decayed = (of: { readonly weight: number; readonly touchedMs: number }, now: number): number =>
    of.weight * 2 ** ((of.touchedMs - now) / halfLifeMs)

  const begin = (labels: readonly string[], now: number): Series => {
    return { labels, value: 0, told: undefined, weight: 0, touchedMs: now, sinceMs: now }
  }
  const count = (series: Series, amount: number, now: number): void => {
    series.value += amount
    series.weight = decayed(series, now) + amount
    series.touchedMs = now
    changes++
  }
  const share = (labels: readonly string[], amount: number, now: number): void => {
    let to = common(labels)
    if (!shared.has(to.join('\0')) && shared.size >= maxCommon - 1) to = last
    const key = to.join('\0')
    let series = shared.get(key)
    if (series === undefined) shared.set(key, (series = begin(to, now)))
    count(series, amount, now)
  }
  /** The lightest of those that may give way. */
  const lightest = (now: number): { readonly key: string; readonly weight: number } | undefined => {
    let found: { key: string; weight: number } | undefined
    for (const [key, series] of own) {
      const weight = decayed(series, now)
      if (now - series.sinceMs >= leastAgeMs && weight < (found?.weight ?? Infinity)) found = { key, weight }
    }
    return found
  }
  const hasRoom = (weight: number, now: number): boolean => {
    if (own.size < limit) return true
    const weakest = lightest(now)
    if (weakest === undefined || weight <= 2 * weakest.weight) return false
    const { labels, value, told = 0 } = own.get(weakest.key)!
    own.delete(weakest.key)
    if (value > told) share(labels, value - told, now)
    return true
  }
  const promote = (now: number): void => {
    for (const [key, { touchedMs }] of own) if (now - touchedMs > idleMs && own.delete(key)) changes++
    const heaviest = [...candidates]
      .filter(([, { pending }]) => pending > 0)
      .map(([key, candidate]) => ({ key, candidate, weight: decayed(candidate, now) }))
      .sort((a, b) => b.weight - a.weight)
    let isRoom = true
    for (const { key, candidate, weight } of heaviest) {
      // Where one finds no room, none that is lighter does.
      isRoom &&= weight >= leastWeight && hasRoom(weight, now)
      if (isRoom) {
        const series = begin(candidate.labels, now)
        own.set(key, series)
        count(series, candidate.pending, now)
        series.weight = weight
        candidates.delete(key)
      } else {
        share(candidate.labels, candidate.pending, now)
        candidate.pending = 0
      }
    }
  }

  return {
    add(labels, amount) {
      const now = nowMs()
      const key = labels.join('\0')
      const series = own.get(key)
      if (series !== undefined) {
        count(series, amount, now)
        return
      }
      const known = candidates.get(key) ?? { labels, pending: 0, weight: 0, touchedMs: now }
      known.weight = decayed(known, now) + amount
      known.pending += amount
      known.touchedMs = now
      changes++
      // The one that was touched longest ago is the first.
      candidates.delete(key)
      candidates.set(key, known)
      if (candidates.size <= maxCandidates) return
      const [[oldest, dropped] = []] = candidates
      if (oldest === undefined || dropped === undefined) return
      candidates.delete(oldest)
      if (dropped.pending > 0) share(dropped.labels, dropped.pending, now)
    },
    rows() {
      promote(nowMs())
      const rows: SampleRow[] = []
      for (const all of [own, shared]) {
        for (const series of all.values()) {
          // What has just begun has another row next time.
          if (series.told === undefined && series.value > 0) changes++
          series.told = series.told === undefined ? 0 : series.value
          rows.push({ labels: series.labels, values: [series.told] })
        }
      }
      return rows
    },
    get changes() {
      return changes
    },
  }
}
