import { packObjects } from '../../../../agent/insight/schema/pack-objects.ts'
import { packOids } from '../../../../common/insight/packed-oids.ts'
import type { SchemaAct, SchemaChanges, ToldObject } from '../../../../common/insight/schema-changes.ts'

export const table = (oid: number, name: string, more: Partial<ToldObject> = {}): ToldObject => ({
  ...{ class: 'relation', oid, kind: 'table', name, parentOid: 2200, parent: 'public' },
  ...{ xid: null, committedMs: null, acts: [], facts: { owner: 'alice', storage: String(oid) } },
  ...more,
})

export const act = (more: Partial<SchemaAct> = {}): SchemaAct => ({
  ...{ source: 'activity', pid: 7, actor: 'bob', application: 'migrate', client: '10.0.0.9' },
  ...{ statement: 'drop table orders', xid: '800', startedMs: 1_000, endedMs: 2_000 },
  ...{ lock: 'AccessExclusiveLock', lockMs: 900, waiters: 2 },
  ...more,
})

/** A report of database shop, as an agent tells it. */
export function report(
  objects: readonly ToldObject[],
  more: Partial<Omit<SchemaChanges, 'objects'>> = {},
): SchemaChanges {
  return {
    ...{ system: '71', timeline: 1, database: 'shop', databaseOid: 5, fromMs: 1_000, toMs: 2_000 },
    ...{ gone: [], acts: [], commanded: [], blocked: [], whole: null },
    ...more,
    objects: packObjects(objects)[0] ?? '',
  }
}

/** The end of telling everything. */
export const wholeEnd = (oids: readonly number[], more: Partial<SchemaChanges> = {}): SchemaChanges =>
  report([], { whole: { id: 'w', present: { relation: packOids(Uint32Array.from(oids)) } }, ...more })
