import { packOids } from '../../../common/insight/packed-oids.ts'
import type { DatabaseBaseline } from './baseline.ts'
import type { ObjectClass } from './classes/object-class.ts'
import { listObjects, readPending } from './look.ts'
import type { FoundObject, Listed, Pending } from './look.ts'
import type { LentConnection } from '../insight-server.ts'
import { readTriggerRows } from './trigger-rows.ts'
import type { TriggerRow } from './trigger-rows.ts'

/** What a step has found, to be told and then noted by `told`. */
export interface Step {
  readonly objects: readonly FoundObject[]
  /** Of these: how many the collector may not know as they are. */
  readonly changed: number
  readonly gone: Listed['gone']
  readonly alone: readonly TriggerRow[]
  readonly rows: readonly TriggerRow[]
  readonly span: { readonly fromMs: number; readonly toMs: number }
  readonly whole: { readonly id: string; readonly present: Readonly<Record<string, string>> | null } | null
  /** Whether nothing is left to read but what is locked. */
  readonly isOver: boolean
}

/** One database, or the server as a whole: what was told of it, and what is still to be read. */
export interface WatchedDatabase {
  readonly baseline: DatabaseBaseline
  /** Everything is to be told again. */
  tellAll(id: string): void
  readonly isUnderWay: boolean
  /** What is locked waits for another look. */
  readonly isWaiting: boolean
  /**
   * Lists what has changed, unless the last list is not read to its end yet, and reads some of it.
   * @throws PgherdError of `query`
   */
  step(connection: LentConnection, classes: readonly ObjectClass[]): Promise<Step>
  /** Takes over what was told. */
  told(step: Step): void
}

/** Of one step, so that the server works on it for some tens of milliseconds, and little is in memory at a time. */
const mostObjects = 500
/** Rows of the event trigger that were looked at. */
const mostRows = 5_000

export function watchDatabase(baseline: DatabaseBaseline): WatchedDatabase {
  const pending: Pending = new Map()
  let list: Listed | undefined
  let whole: string | undefined
  let span = { fromMs: baseline.lookedMs, toMs: baseline.lookedMs }
  /** What waits for a lock is in memory only, so the file keeps an older one until it was read. */
  let since = baseline.xid
  const seenRows = new Set<number>()
  /** Found by the last look to be about nothing that has changed: the next one may show it. */
  let unmatched: readonly TriggerRow[] = []

  const left = (): number => [...pending.values()].reduce((sum, waiting) => sum + waiting.size, 0)

  return {
    baseline,
    tellAll(id) {
      whole = id
      list = undefined
      pending.clear()
      since = baseline.xid
    },
    get isUnderWay() {
      return list !== undefined
    },
    get isWaiting() {
      return left() > 0
    },
    async step(connection, classes) {
      const { known } = baseline
      const isWhole = whole !== undefined
      let gone: Listed['gone'] = []
      let rows: readonly TriggerRow[] = []
      if (list === undefined) {
        list = await listObjects(connection, { classes, known, since, isWhole, pending })
        span = { fromMs: baseline.lookedMs === 0 ? list.atMs : baseline.lookedMs, toMs: list.atMs }
        ;({ gone } = list)
        if (baseline.oid !== 0 && since !== undefined && !isWhole) {
          const read = await readTriggerRows(connection, since)
          rows = read.filter(({ id }) => !seenRows.has(id))
        }
      }
      const read = await readPending(connection, classes, pending, mostObjects)
      const isOver = left() === 0 || read.length === 0
      const changed = read.filter(({ class: name, oid, digest }) => known.digest(name, oid) !== digest)
      const objects = isWhole ? read : changed
      const alone = aboutNothing(unmatched, { objects, gone })
      return {
        ...{ objects, gone, alone, span, isOver },
        changed: changed.length,
        rows,
        whole:
          whole === undefined
            ? null
            : {
                id: whole,
                present: isOver
                  ? Object.fromEntries([...list.present].map(([name, oids]) => [name, packOids(oids)]))
                  : null,
              },
      }
    },
    told({ objects, gone, rows, isOver }) {
      const { known } = baseline
      for (const { class: name, oid, digest } of objects) known.set(name, oid, digest)
      for (const { class: name, oid } of gone) known.remove(name, oid)
      unmatched = aboutNothing(rows, { objects, gone })
      if (seenRows.size > mostRows) seenRows.clear()
      for (const { id } of rows) seenRows.add(id)
      if (!isOver || list === undefined) return
      baseline.lookedMs = list.atMs
      since = list.xid
      if (left() === 0) baseline.xid = since
      if (whole !== undefined) baseline.wholeMs = list.atMs
      whole = undefined
      list = undefined
    },
  }
}

/** Rows that are about none of what was found, and of none of its transactions. */
function aboutNothing(
  rows: readonly TriggerRow[],
  { objects, gone }: Pick<Step, 'objects' | 'gone'>,
): readonly TriggerRow[] {
  const about = new Set([...objects, ...gone].map(({ oid }) => oid))
  const xids = new Set(objects.map(({ xid }) => xid))
  return rows.filter(({ oid, act }) => !about.has(oid) && !xids.has(act.xid))
}
