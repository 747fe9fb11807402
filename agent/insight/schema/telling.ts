import type { SchemaAct, SchemaChanges } from '../../../common/insight/schema-changes.ts'
import type { SeenAct } from './activity/acts.ts'
import { matchActs, slackMs } from './activity/match-acts.ts'
import type { FoundObject } from './look.ts'
import { packObjects } from './pack-objects.ts'
import type { TriggerRow } from './trigger-rows.ts'

/** What one look has found that is to be told. */
export interface ToTell {
  readonly database: { readonly oid: number; readonly name: string }
  readonly system: string
  readonly timeline: number
  readonly fromMs: number
  readonly toMs: number
  readonly objects: readonly FoundObject[]
  readonly gone: readonly { readonly class: string; readonly oid: number }[]
  /** Rows of the event trigger that are about none of those. */
  readonly alone: readonly TriggerRow[]
  readonly whole: SchemaChanges['whole']
}

/** The acts of one report, each once. */
function createActList(): { readonly list: SchemaAct[]; place(act: SchemaAct): number } {
  const list: SchemaAct[] = []
  return {
    list,
    place(act) {
      const at = list.indexOf(act)
      return at < 0 ? list.push(act) - 1 : at
    },
  }
}

const mostActsOfOne = 3
/** Of those that may have dropped something. */
const mostMaybe = 20
/** Of one report, so that what is not packed stays small. */
const mostTogether = 100

/** Reports of what was found, each with those whose acts it was; the last one ends `whole` where it has what is present. */
export function reportsOf(told: ToTell, acts: readonly SeenAct[]): readonly SchemaChanges[] {
  const { database, system, timeline, fromMs, toMs, whole } = told
  const about = { system, timeline, database: database.name, databaseOid: database.oid, fromMs, toMs }
  const isShared = database.oid === 0
  const matched = new Map(
    told.objects.map((object) => [
      object,
      matchActs(acts, { ...object, databaseOid: database.oid, isShared }, { fromMs, toMs }).slice(
        0,
        mostActsOfOne,
      ),
    ]),
  )
  const ofTransaction = new Map<string | null, readonly SeenAct[]>()
  for (const [{ xid }, seen] of matched) {
    if (xid !== null && seen.length > 0 && !ofTransaction.has(xid)) ofTransaction.set(xid, seen)
  }
  // What came with it, such as an index of a constraint, is named by no statement.
  const placed = (object: FoundObject, list: ReturnType<typeof createActList>): number[] => {
    const own = matched.get(object) ?? []
    return (own.length > 0 ? own : (ofTransaction.get(object.xid) ?? [])).map(({ act }) => list.place(act))
  }

  const reports: SchemaChanges[] = []
  const empty = { gone: [], commanded: [], blocked: [], objects: '', acts: [] }
  const part = whole === null ? null : { id: whole.id, present: null }
  for (let at = 0; at < told.objects.length; at += mostTogether) {
    const list = createActList()
    const objects = told.objects.slice(at, at + mostTogether).map((object) => ({
      ...{ class: object.class, oid: object.oid, kind: object.kind, name: object.name },
      ...{ parentOid: object.parentOid, parent: object.parent },
      ...{ xid: object.xid, committedMs: object.committedMs, facts: object.facts },
      acts: placed(object, list),
    }))
    for (const packed of packObjects(objects)) {
      reports.push({ ...about, ...empty, objects: packed, acts: list.list, whole: part })
    }
  }
  const maybe = told.gone.length === 0 ? [] : meanwhile(acts, database.oid, told)
  for (let at = 0; at < Math.max(told.gone.length, told.alone.length); at += mostTogether) {
    const list = createActList()
    const gone = told.gone.slice(at, at + mostTogether).map(({ class: name, oid }) => ({
      ...{ class: name, oid },
      acts: sure(acts, oid).map(({ act }) => list.place(act)),
      maybe: maybe.map(({ act }) => list.place(act)),
    }))
    const commanded = told.alone
      .slice(at, at + mostTogether)
      .map(({ id, kind, identity, command, atMs, act }) => ({
        ...{ key: String(id), kind, name: identity, command, atMs },
        acts: [list.place(act)],
      }))
    reports.push({ ...about, ...empty, gone, commanded, acts: list.list, whole: part })
  }
  if (whole?.present != null) reports.push({ ...about, ...empty, whole })
  return reports
}

/** Those that had a lock on what is gone, or told its number. */
function sure(acts: readonly SeenAct[], oid: number): readonly SeenAct[] {
  return acts.filter(({ relations }) => relations.has(oid)).slice(0, mostActsOfOne)
}

function meanwhile(
  acts: readonly SeenAct[],
  databaseOid: number,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): readonly SeenAct[] {
  return acts
    .filter((seen) => {
      const isHere = databaseOid === 0 || seen.databaseOid === databaseOid
      return isHere && seen.act.startedMs <= toMs + slackMs && seen.act.endedMs >= fromMs - slackMs
    })
    .sort((a, b) => a.act.startedMs - b.act.startedMs)
    .slice(-mostMaybe)
}
