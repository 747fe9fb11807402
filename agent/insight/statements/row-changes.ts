import { continuityOf } from './continuity.ts'
import { column } from './counters-query.ts'
import { keyText, readKey } from './look.ts'
import type { Look, RowKey } from './look.ts'

/** A row of counters that grew. */
export interface RowChange {
  readonly of: RowKey
  /** Its place in this look, and in the one before; -1 where it began in between, so that it counts from nothing. */
  readonly now: number
  readonly before: number
}

/** What has happened between two looks. */
export interface Changes {
  readonly before: Look
  readonly rows: readonly RowChange[]
  /** Whether calls are missing, because counters were reset or statements forgotten. */
  readonly partial: boolean
}

/** Compares each look with the one before. */
export interface RowTracker {
  /** @returns undefined where there is nothing to compare it with */
  take(look: Look): Changes | undefined
  /** Rows of which this role may not see whose they are. */
  readonly hidden: number
}

interface Tracked {
  readonly of: RowKey
  /** In the look before; -1 for a new one. */
  row: number
}

/** Whose statement cannot be told. */
const hiddenQueryid = '0'

/** @param isWanted asked of a row when it is seen for the first time */
export function createRowTracker(isWanted: (key: RowKey) => boolean): RowTracker {
  let previous: Look | undefined
  let known = new Map<string, Tracked>()
  let rows: (Tracked | undefined)[] = []
  let hidden = 0

  /** Statements come and go, and the places of the others with them. */
  const arrange = (look: Look): void => {
    const next = new Map<string, Tracked>()
    rows = new Array<Tracked | undefined>(look.count)
    hidden = 0
    for (let i = 0; i < look.count; i++) {
      const text = keyText(look.keys, i)
      let tracked = known.get(text)
      if (tracked === undefined) {
        const of = readKey(look.keys, i)
        if (of.queryid === hiddenQueryid) {
          hidden++
          continue
        }
        if (!isWanted(of)) continue
        tracked = { of, row: -1 }
      }
      next.set(text, tracked)
      rows[i] = tracked
    }
    known = next
  }

  return {
    get hidden() {
      return hidden
    },
    take(look) {
      const before = previous
      const hiddenBefore = hidden
      if (before?.keys.equals(look.keys) !== true) arrange(look)
      previous = look
      const continuity = before === undefined ? 'another' : continuityOf(before, look)
      const compared = before === undefined || continuity === 'another' ? undefined : before
      // What could not be seen before did not begin just now.
      const unveiled = hidden < hiddenBefore
      const changed: RowChange[] = []
      const emptied = continuity === 'emptied'
      let partial = emptied || (look.evictions ?? 0) > (before?.evictions ?? 0)
      for (let i = 0; i < look.count; i++) {
        const tracked = rows[i]
        if (tracked === undefined) continue
        const j = tracked.row
        tracked.row = i
        if (compared === undefined || (j >= 0 && !emptied && isSame(look, compared, i, j))) continue
        const since = startOf(look, compared, { i, j, emptied, unveiled })
        if (since === 'unknown' || since === 'unchanged') continue
        if (since === 'restarted') partial = true
        changed.push({ of: tracked.of, now: i, before: since === 'before' ? j : -1 })
      }
      return compared === undefined ? undefined : { before: compared, rows: changed, partial }
    },
  }
}

/** Most rows are, in most looks. */
function isSame(now: Look, before: Look, i: number, j: number): boolean {
  return (
    now.values[column.calls]![i] === before.values[column.calls]![j] &&
    now.values[column.time]![i] === before.values[column.time]![j] &&
    now.values[column.plan]![i] === before.values[column.plan]![j] &&
    now.values[column.since]![i] === before.values[column.since]![j]
  )
}

/** From where a row counts. */
function startOf(
  now: Look,
  before: Look,
  of: { readonly i: number; readonly j: number; readonly emptied: boolean; readonly unveiled: boolean },
): 'before' | 'unchanged' | 'new' | 'restarted' | 'unknown' {
  const { i, j } = of
  const since = now.values[column.since]![i]!
  const isRecent = since >= before.takenAt
  if (j < 0) return since > 0 ? (isRecent ? 'new' : 'unknown') : of.unveiled ? 'unknown' : 'new'
  if (since > 0) {
    if (since !== before.values[column.since]![j]) return isRecent ? 'restarted' : 'unknown'
    return grew(now, before, i, j)
  }
  if (of.emptied) return 'restarted'
  const fell = (at: number): boolean => now.values[at]![i]! < before.values[at]![j]!
  if (fell(column.calls) || fell(column.time) || fell(column.max)) return 'restarted'
  // One that was only planned has no shortest call yet.
  const called = before.values[column.calls]![j]! > 0
  if (called && now.values[column.min]![i]! > before.values[column.min]![j]!) return 'restarted'
  return grew(now, before, i, j)
}

/** Planning is counted before the call that it is for. */
function grew(now: Look, before: Look, i: number, j: number): 'before' | 'unchanged' {
  const calls = now.values[column.calls]![i]! > before.values[column.calls]![j]!
  return calls || now.values[column.plan]![i]! > before.values[column.plan]![j]! ? 'before' : 'unchanged'
}
