import { findOid } from '../../../common/insight/index-columns.ts'
import type { IndexColumns } from '../../../common/insight/index-columns.ts'
import { addGap, gapBetween } from './gaps.ts'
import type { Gap } from './gaps.ts'

/** When the server has lost its counters last, milliseconds on its clock; null where it does not know. */
export interface Resets {
  /** Of this database: pg_stat_reset and those of single objects. */
  readonly databaseMs: number | null
  /** Of all: recovery after a crash, and of a standby before 15 each start. */
  readonly serverMs: number | null
}

/** What the counters of a database's indexes are at one moment; by OID. */
export interface CounterLook {
  /** pg_control's identifier of the system. */
  readonly system: string
  readonly databaseOid: number
  readonly atMs: number
  readonly resets: Resets
  /** False where sessions do not count. */
  readonly counts: boolean
  readonly oids: Uint32Array
  readonly scans: Float64Array
  readonly fetched: Float64Array
  /** Second of the last scan, rounded up; 0 where there was none, or the server (before 16) does not tell. */
  readonly lastS: Uint32Array
}

/** What is known of the use of a database's indexes on one server, over all looks. */
export interface Ledger {
  readonly system: string
  readonly databaseOid: number
  readonly beganMs: number
  readonly atMs: number
  readonly resets: Resets
  readonly counts: boolean
  readonly gaps: readonly Gap[]
  readonly columns: IndexColumns
  /** The counters at the last look. */
  readonly rawScans: Float64Array
  readonly rawFetched: Float64Array
}

/** Longer without a look is no coverage: the agent was away, or a clock was wrong. */
const longestMs = 7 * 86_400_000

const secondsUp = (ms: number): number => Math.min(4_294_967_295, Math.max(0, Math.ceil(ms / 1000)))

/**
 * The ledger after one more look. An index that has more scans than before was used by now at the latest, or when the server says;
 * where counters were lost between the looks, nobody knows what was scanned before that, which is a gap for all indexes.
 */
export function advance(before: Ledger | undefined, look: CounterLook): Ledger {
  const known = before?.system === look.system && before.databaseOid === look.databaseOid ? before : undefined
  const gap = known === undefined ? undefined : gapOf(known, look)
  const isLost = known !== undefined && isReset(known.resets, look.resets)
  const count = look.oids.length
  const columns: IndexColumns = {
    oids: look.oids,
    firstS: new Uint32Array(count),
    usedS: new Uint32Array(count),
    scans: new Float64Array(count),
    fetched: new Float64Array(count),
  }
  const nowS = secondsUp(look.atMs)
  for (let i = 0, hint = 0; i < count; i++) {
    const place = known === undefined ? -1 : placeOf(known.columns.oids, look.oids[i]!, hint)
    if (known === undefined || place < 0) {
      begin(columns, i, look, known === undefined ? 0 : nowS)
      continue
    }
    hint = place + 1
    proceed(columns, i, { known, place, look, isLost, nowS })
  }
  return {
    system: look.system,
    databaseOid: look.databaseOid,
    beganMs: known?.beganMs ?? look.atMs,
    atMs: look.atMs,
    resets: look.resets,
    counts: look.counts,
    gaps: addGap(known?.gaps ?? [], gap),
    columns,
    rawScans: look.scans,
    rawFetched: look.fetched,
  }
}

/** Most indexes stand where the one before was followed. */
function placeOf(oids: Uint32Array, oid: number, hint: number): number {
  return oids[hint] === oid ? hint : findOid(oids, oid)
}

/** @param unknownS - what a scan of which the server tells no time counts as: none where use may be older than the ledger */
function begin(columns: IndexColumns, i: number, look: CounterLook, unknownS: number): void {
  const nowS = secondsUp(look.atMs)
  const lastS = look.lastS[i]!
  const isUsed = look.scans[i]! > 0
  columns.usedS[i] = isUsed ? (lastS > 0 ? Math.min(lastS, nowS) : unknownS) : 0
  // It was there when it was scanned, and has not been scanned since.
  columns.firstS[i] = isUsed && lastS > 0 ? Math.min(lastS, nowS) : nowS
}

function proceed(
  columns: IndexColumns,
  i: number,
  about: {
    readonly known: Ledger
    readonly place: number
    readonly look: CounterLook
    readonly isLost: boolean
    readonly nowS: number
  },
): void {
  const { known, place, look, isLost, nowS } = about
  const scans = look.scans[i]!
  // Fewer than before without a reset of the database is one of this index alone.
  const isOwnReset = !isLost && scans < known.rawScans[place]!
  const fromZero = isLost || isOwnReset
  const newScans = fromZero ? scans : scans - known.rawScans[place]!
  const fetched = look.fetched[i]!
  const newFetched = fromZero ? fetched : Math.max(0, fetched - known.rawFetched[place]!)
  const usedS = known.columns.usedS[place]!
  const lastS = look.lastS[i]!
  columns.firstS[i] = known.columns.firstS[place]!
  columns.scans[i] = known.columns.scans[place]! + newScans
  columns.fetched[i] = known.columns.fetched[place]! + newFetched
  if (isOwnReset) columns.usedS[i] = nowS
  else if (newScans > 0) columns.usedS[i] = lastS > 0 ? Math.max(usedS, Math.min(lastS, nowS)) : nowS
  else columns.usedS[i] = usedS
}

function isReset(before: Resets, now: Resets): boolean {
  return before.databaseMs !== now.databaseMs || before.serverMs !== now.serverMs
}

function gapOf(known: Ledger, look: CounterLook): Gap | undefined {
  // A clock that was set back has told of a time that has not been yet.
  if (look.atMs < known.atMs) return gapBetween(look.atMs, known.atMs)
  if (!look.counts || !known.counts) return gapBetween(known.atMs, look.atMs)
  if (look.atMs - known.atMs > longestMs) return gapBetween(known.atMs, look.atMs)
  if (!isReset(known.resets, look.resets)) return undefined
  const { databaseMs, serverMs } = look.resets
  const times = [
    ...(databaseMs === known.resets.databaseMs ? [] : [databaseMs]),
    ...(serverMs === known.resets.serverMs ? [] : [serverMs]),
  ]
  const isTold = times.every((time) => time !== null && time >= known.atMs && time <= look.atMs)
  return gapBetween(known.atMs, isTold ? Math.max(...times.map(Number)) : look.atMs)
}
