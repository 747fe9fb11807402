import type { Clock } from '../../../common/clock.ts'
import type { InsightReport } from '../../../common/insight/insight-report.ts'
import { readOids } from '../../../common/insight/packed-oids.ts'
import type { SchemaAct, SchemaChanges, ToldObject } from '../../../common/insight/schema-changes.ts'
import type { NewEvent } from '../../../common/wire/events.ts'
import type { InsightBook } from '../book.ts'
import type { ChangeStore, NewChange } from './change-store.ts'
import { compareObjects } from './compare-objects.ts'
import type { ObjectDifference } from './compare-objects.ts'
import { blockedEvent, changesEvent } from './ddl-event.ts'
import { mergeActs, namingActs } from './merge-acts.ts'
import type { KnownPlace, ObjectStore } from './object-store.ts'
import { labelOf } from './stored-object.ts'
import type { StoredObject } from './stored-object.ts'
import { readToldSchema } from './told-schema.ts'

export interface SchemaBookOptions {
  readonly objects: ObjectStore
  readonly changes: ChangeStore
  readonly add: (event: NewEvent) => void
  readonly clock: Clock
}

/** Changes of the schema that ended longer ago are history that an agent tells late, and no news. */
const newsMs = 86_400_000
/** So many objects of one cluster are kept; what is beyond them is not told apart. */
const mostObjects = 500_000
const forgetEvery = 50

/**
 * Takes what agents tell of schemas. It compares with what it knows, so that a report that comes again, one of another member after a
 * failover, or one of an agent that has forgotten everything makes no change that there was not.
 */
export function createSchemaBook(options: SchemaBookOptions): InsightBook {
  const { objects, changes, add, clock } = options
  let sinceForgetting = 0

  const take = (report: InsightReport): void => {
    const { report: told, objects: found } = readToldSchema(report.body)
    const { cluster, server } = report
    for (const blocked of told.blocked)
      add(blockedEvent({ cluster, server, database: told.database }, blocked))
    if (found.length === 0 && told.gone.length === 0 && told.commanded.length === 0 && told.whole === null)
      return
    const place = enter(cluster, told)
    // Of a primary that was one before the one that tells now.
    if (place === undefined) return
    const about = { place, told, server }
    const made: NewChange[] = []
    const isRoom = objects.count(cluster) + found.length <= mostObjects
    if (isRoom) for (const object of inOrder(about, found)) made.push(...keep(about, object))
    for (const { class: name, oid, acts, maybe } of told.gone) {
      const before = objects.byOid(place, name, oid)
      if (before !== undefined) made.push(...drop(about, before, acts, maybe))
    }
    if (told.whole?.present != null) made.push(...endWhole(about, told.whole.present))
    for (const one of told.commanded) made.push(...command(about, one))
    if (!place.isComplete || told.toMs < clock.now() - newsMs) return
    const event = changesEvent({ cluster, server, database: told.database }, made)
    if (event !== undefined) add(event)
  }

  /** The place as it is known, entered as what it is told to be. */
  const enter = (cluster: string, told: SchemaChanges): KnownPlace | undefined => {
    const of = { cluster, database: told.database }
    const { system, timeline, databaseOid: oid } = told
    if (oid !== 0) {
      const former = objects.renamed(cluster, system, oid)
      if (former !== undefined && former.database !== told.database && objects.place(of) === undefined) {
        objects.renamePlace(former, of)
      }
    }
    const known = objects.place(of)
    if (known === undefined) {
      const fresh = { ...of, oid, system, timeline, sinceMs: told.toMs, isComplete: false }
      objects.putPlace(fresh)
      return fresh
    }
    if (known.system === system && known.timeline > timeline) return undefined
    if (known.system === system && known.timeline === timeline && known.oid === oid) return known
    // A database that was made anew under this name has other numbers, as has another server.
    if (known.system !== system || known.oid !== oid) objects.forgetOids(of)
    const entered = { ...known, oid, system, timeline }
    objects.putPlace(entered)
    return entered
  }

  /** Those that are known by their number first: a new one may have the name that one of them had. */
  const inOrder = ({ place }: About, found: readonly ToldObject[]): readonly ToldObject[] => {
    const rank = (object: ToldObject): number =>
      (objects.byOid(place, object.class, object.oid) === undefined ? 2 : 0) +
      (object.facts['inherits'] === undefined ? 0 : 1)
    return found
      .map((object) => ({ object, rank: rank(object) }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ object }) => object)
  }

  const keep = (about: About, { acts, xid, committedMs, ...object }: ToldObject): readonly NewChange[] => {
    const { place } = about
    const sameOid = objects.byOid(place, object.class, object.oid)
    const sameName = sameOid === undefined ? objects.byName(place, object) : undefined
    const before = sameOid ?? sameName
    if (sameName !== undefined) objects.remove(place, sameName.class, sameName.oid)
    objects.put(place, object)
    if (before !== undefined && labelOf(before) !== labelOf(object))
      objects.renameParent(place, before, object)
    if (!place.isComplete) return []
    // Numbers of another server say nothing, and neither do its files.
    const isAdopted = sameName !== undefined && sameName.oid < 0
    const like = isAdopted ? adopted(sameName, object) : before
    const difference = differenceOf(like, object, sameName !== undefined && !isAdopted)
    if (difference === undefined) return []
    const formerOid = difference.change === 'replaced' ? (sameName?.oid ?? null) : null
    const seen = acts.flatMap((place) => about.told.acts[place] ?? [])
    return note(about, object, { ...difference, xid, committedMs, formerOid }, seen)
  }

  const drop = (
    about: About,
    before: StoredObject,
    acts: readonly number[],
    maybe: readonly number[],
  ): readonly NewChange[] => {
    const { place, told } = about
    objects.remove(place, before.class, before.oid)
    if (!place.isComplete) return []
    const sure = acts.flatMap((at) => told.acts[at] ?? [])
    const seen =
      sure.length > 0
        ? sure
        : namingActs(
            before.name,
            maybe.flatMap((at) => told.acts[at] ?? []),
          )
    const gone = { change: 'dropped', before: before.facts, after: {}, formerly: null } as const
    return note(about, before, { ...gone, xid: null, committedMs: null, formerOid: null }, seen)
  }

  const endWhole = (about: About, present: Readonly<Record<string, string>>): readonly NewChange[] => {
    const { place, told } = about
    const oids = new Map(Object.entries(present).map(([name, packed]) => [name, new Set(readOids(packed))]))
    const made = objects.oids(place).flatMap(({ class: name, oid }) => {
      const there = oids.get(name)
      if (there === undefined || there.has(oid)) return []
      const before = objects.byOid(place, name, oid)
      return before === undefined ? [] : drop(about, before, [], [])
    })
    if (!place.isComplete) objects.putPlace({ ...place, sinceMs: told.toMs, isComplete: true })
    return made
  }

  const command = (about: About, one: SchemaChanges['commanded'][number]): readonly NewChange[] => {
    const { place, told } = about
    const { key, kind, name, command: text, atMs, acts } = one
    const object = { class: 'command', oid: 0, kind, name: name === '' ? text.toLowerCase() : name }
    const seen = acts.flatMap((at) => told.acts[at] ?? [])
    return note(
      about,
      { ...object, parentOid: null, parent: null, facts: {} },
      {
        ...{ change: 'commanded', before: {}, after: { command: text }, formerly: null },
        ...{ xid: seen[0]?.xid ?? null, committedMs: atMs, formerOid: null },
      },
      seen,
      `${place.cluster}/${told.system}/${told.databaseOid}/${key}`,
    )
  }

  const note = (
    { place, told, server }: About,
    object: StoredObject,
    change: ObjectDifference & {
      readonly xid: string | null
      readonly committedMs: number | null
      readonly formerOid: number | null
    },
    seen: readonly SchemaAct[],
    key?: string,
  ): readonly NewChange[] => {
    const { committedMs, ...difference } = change
    const { cluster, database } = place
    const { fromMs, toMs } = told
    const act = mergeActs(seen)
    const record: NewChange = {
      ...{ cluster, server, database, atMs: committedMs ?? toMs, fromMs, toMs },
      ...{ kind: object.kind, object: labelOf(object), class: object.class, oid: object.oid },
      ...act,
      ...difference,
      xid: difference.xid ?? act.xid,
      seenBy: difference.change === 'commanded' ? act.seenBy : ['catalogue', ...act.seenBy],
    }
    const under = overOf(record)
    const seq = changes.add(record, {
      ...(under === undefined ? {} : { under }),
      ...(key === undefined ? {} : { key }),
    })
    return seq === undefined || under !== undefined ? [] : [record]
  }

  /** The change that this one is a part of: the one of its partitioned table (or index), at the same time and in the same way. */
  const overOf = (record: NewChange): number | undefined => {
    const parent = record.after['inherits'] ?? record.before['inherits'] ?? inheritedFrom(record)
    if (parent === undefined) return undefined
    const over = changes.latest(record, parent)
    if (over === undefined || over.change !== record.change) return undefined
    if (record.change === 'created' || record.change === 'dropped') return over.seq
    const isSame = JSON.stringify([over.before, over.after]) === JSON.stringify([record.before, record.after])
    return isSame ? over.seq : undefined
  }

  const inheritedFrom = (record: NewChange): string | undefined =>
    objects.byOid(record, record.class, record.oid)?.facts['inherits']

  return {
    topic: 'schema-changes',
    take(report) {
      take(report)
      if (++sinceForgetting < forgetEvery) return
      sinceForgetting = 0
      changes.forget(clock.now())
    },
  }
}

interface About {
  readonly place: KnownPlace
  readonly told: SchemaChanges
  readonly server: string
}

function differenceOf(
  before: StoredObject | undefined,
  object: StoredObject,
  isReplaced: boolean,
): ObjectDifference | undefined {
  if (before === undefined) return { change: 'created', before: {}, after: object.facts, formerly: null }
  const difference = compareObjects(before, object)
  if (!isReplaced) return difference
  const { before: was, after } = difference ?? { before: {}, after: {} }
  return { change: 'replaced', before: was, after, formerly: null }
}

function adopted(before: StoredObject, object: StoredObject): StoredObject {
  const { storage } = object.facts
  return {
    ...before,
    parentOid: object.parentOid,
    facts: { ...before.facts, ...(storage === undefined ? {} : { storage }) },
  }
}
