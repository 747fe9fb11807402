import { namesObject } from '../../../../common/insight/names-object.ts'
import type { SeenAct } from './acts.ts'

/** What changed, as far as it tells whose act it was. */
export interface ChangedThing {
  readonly databaseOid: number
  readonly oid: number
  /** The table of what is on one. */
  readonly parentOid: number | null
  readonly name: string
  readonly xid: string | null
  readonly committedMs: number | null
  readonly isShared: boolean
}

/** Clocks of samples and commits: a sample may be this much late. */
export const slackMs = 5_000

/**
 * Acts that were about it, the surest first: the same transaction, or a lock on it or a statement with its name at about that time.
 * @param span in which it changed, milliseconds since the epoch
 */
export function matchActs(
  acts: readonly SeenAct[],
  thing: ChangedThing,
  span: { readonly fromMs: number; readonly toMs: number },
): readonly SeenAct[] {
  const fromMs = (thing.committedMs ?? span.fromMs) - slackMs
  const toMs = (thing.committedMs ?? span.toMs) + slackMs
  const isNamedIn = namesObject(thing.name)
  return acts
    .flatMap((seen) => {
      const { act, databaseOid, relations } = seen
      if (!thing.isShared && databaseOid !== thing.databaseOid) return []
      const isSame = thing.xid !== null && act.xid === thing.xid
      const isThen = act.startedMs <= toMs && act.endedMs >= fromMs
      if (!isSame && !isThen) return []
      const isLocked =
        relations.has(thing.oid) || (thing.parentOid !== null && relations.has(thing.parentOid))
      const isNamed = isNamedIn(act.statement ?? '')
      if (!isSame && !isLocked && !isNamed) return []
      const sure =
        (isSame ? 8 : 0) + (act.source === 'event trigger' ? 4 : 0) + (isNamed ? 2 : 0) + (isLocked ? 1 : 0)
      return [{ seen, sure }]
    })
    .sort((a, b) => b.sure - a.sure || b.seen.act.startedMs - a.seen.act.startedMs)
    .map(({ seen }) => seen)
}
