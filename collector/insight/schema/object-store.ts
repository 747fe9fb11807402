import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { classesOnTables, labelOf } from './stored-object.ts'
import type { StoredObject } from './stored-object.ts'

/** A database of a cluster, or (with the name '') what belongs to its servers as a whole. */
export interface Place {
  readonly cluster: string
  readonly database: string
}

/** What is known of a place. */
export interface KnownPlace extends Place {
  readonly oid: number
  readonly system: string
  readonly timeline: number
  /** Its history begins here. */
  readonly sinceMs: number
  /** Whether all that there was at that time is known. */
  readonly isComplete: boolean
}

/** Objects as they are now, as far as was told. */
export interface ObjectStore {
  place(of: Place): KnownPlace | undefined
  /** The same database under another name. */
  renamed(cluster: string, system: string, oid: number): KnownPlace | undefined
  putPlace(known: KnownPlace): void
  renamePlace(from: Place, to: Place): void
  places(cluster: string): readonly KnownPlace[]
  /** Oids of another server mean nothing here: objects are then known by their names until they are told. */
  forgetOids(of: Place): void
  byOid(of: Place, name: string, oid: number): StoredObject | undefined
  /** With the oid that it had, negative where that means nothing any more. */
  byName(of: Place, object: Pick<StoredObject, 'class' | 'name' | 'parent'>): StoredObject | undefined
  put(of: Place, object: StoredObject): void
  remove(of: Place, name: string, oid: number): void
  /** What is in a schema or on a table tells its name, which is another now. */
  renameParent(of: Place, before: StoredObject, after: StoredObject): void
  oids(of: Place): readonly { readonly class: string; readonly oid: number }[]
  all(of: Place): readonly StoredObject[]
  count(cluster: string): number
}

const text = z.string()
const storedRow = z
  .object({
    class: text,
    oid: z.number(),
    kind: text,
    name: text,
    parent_oid: z.number().nullable(),
    parent: text.nullable(),
    facts: text.transform((json): unknown => JSON.parse(json)).pipe(z.record(z.string(), z.string())),
  })
  .transform(({ parent_oid: parentOid, ...rest }): StoredObject => ({ ...rest, parentOid }))
const placeRow = z
  .object({
    cluster: text,
    database: text,
    oid: z.number(),
    system: text,
    timeline: z.number(),
    since_ms: z.number(),
    is_complete: z.number(),
  })
  .transform(({ since_ms: sinceMs, is_complete: complete, ...rest }): KnownPlace => ({
    ...rest,
    sinceMs,
    isComplete: complete === 1,
  }))

export function openObjectStore(database: DatabaseSync): ObjectStore {
  const here = 'cluster = :cluster AND database = :database'
  const columns = 'class, oid, kind, name, parent_oid, parent, facts'
  const findPlace = database.prepare(`SELECT * FROM ddl_databases WHERE ${here}`)
  const findRenamed = database.prepare(
    `SELECT * FROM ddl_databases WHERE cluster = :cluster AND system = :system AND oid = :oid`,
  )
  const listPlaces = database.prepare(
    'SELECT * FROM ddl_databases WHERE cluster = :cluster ORDER BY database',
  )
  const putPlace = database.prepare(
    `INSERT INTO ddl_databases (cluster, database, oid, system, timeline, since_ms, is_complete)
     VALUES (:cluster, :database, :oid, :system, :timeline, :sinceMs, :isComplete)
     ON CONFLICT (cluster, database) DO UPDATE SET
       oid = excluded.oid, system = excluded.system, timeline = excluded.timeline,
       since_ms = excluded.since_ms, is_complete = excluded.is_complete`,
  )
  const renames = ['ddl_databases', 'ddl_objects', 'ddl_changes'].map((table) =>
    database.prepare(`UPDATE ${table} SET database = :name WHERE ${here}`),
  )
  const dropOldOids = database.prepare(`DELETE FROM ddl_objects WHERE ${here} AND oid < 0`)
  const negate = database.prepare(`UPDATE ddl_objects SET oid = -oid WHERE ${here} AND oid > 0`)
  const findOid = database.prepare(
    `SELECT ${columns} FROM ddl_objects WHERE ${here} AND class = :class AND oid = :oid`,
  )
  const findName = database.prepare(
    `SELECT ${columns} FROM ddl_objects
      WHERE ${here} AND class = :class AND name = :name AND parent IS :parent ORDER BY oid LIMIT 1`,
  )
  const put = database.prepare(
    `INSERT OR REPLACE INTO ddl_objects (cluster, database, ${columns})
     VALUES (:cluster, :database, :class, :oid, :kind, :name, :parentOid, :parent, :facts)`,
  )
  const remove = database.prepare(`DELETE FROM ddl_objects WHERE ${here} AND class = :class AND oid = :oid`)
  const rename = database.prepare(
    `UPDATE ddl_objects SET parent = :parent
      WHERE ${here} AND parent_oid = :oid AND (class IN (SELECT value FROM json_each(:classes))) = :areOnTables`,
  )
  const inSchema = database.prepare(
    `SELECT ${columns} FROM ddl_objects WHERE ${here} AND class = 'relation' AND parent_oid = :oid`,
  )
  const listOids = database.prepare(`SELECT class, oid FROM ddl_objects WHERE ${here}`)
  const listAll = database.prepare(
    `SELECT ${columns} FROM ddl_objects WHERE ${here} ORDER BY class, parent, name`,
  )
  const count = database.prepare('SELECT count(*) AS n FROM ddl_objects WHERE cluster = :cluster')

  const keyOf = ({ cluster, database: name }: Place): { cluster: string; database: string } => ({
    cluster,
    database: name,
  })
  const one = (row: unknown): StoredObject | undefined =>
    row === undefined ? undefined : storedRow.parse(row)
  const known = (row: unknown): KnownPlace | undefined =>
    row === undefined ? undefined : placeRow.parse(row)
  const classes = JSON.stringify(classesOnTables)

  return {
    place: (of) => known(findPlace.get(keyOf(of))),
    renamed: (cluster, system, oid) => known(findRenamed.get({ cluster, system, oid })),
    putPlace: ({ isComplete, ...rest }) => void putPlace.run({ ...rest, isComplete: isComplete ? 1 : 0 }),
    renamePlace(from, to) {
      for (const statement of renames) statement.run({ ...keyOf(from), name: to.database })
    },
    places: (cluster) => listPlaces.all({ cluster }).map((row) => placeRow.parse(row)),
    forgetOids(of) {
      dropOldOids.run(keyOf(of))
      negate.run(keyOf(of))
    },
    byOid: (of, name, oid) => one(findOid.get({ ...keyOf(of), class: name, oid })),
    byName: (of, { class: name, name: own, parent }) =>
      one(findName.get({ ...keyOf(of), class: name, name: own, parent })),
    put(of, { facts, ...rest }) {
      const { class: name, oid, kind, name: own, parentOid, parent } = rest
      put.run({
        ...keyOf(of),
        class: name,
        oid,
        kind,
        name: own,
        parentOid,
        parent,
        facts: JSON.stringify(facts),
      })
    },
    remove: (of, name, oid) => void remove.run({ ...keyOf(of), class: name, oid }),
    renameParent(of, before, after) {
      const give = (oid: number, parent: string, areOnTables: number): void =>
        void rename.run({ ...keyOf(of), oid, parent, classes, areOnTables })
      if (after.class === 'relation') give(after.oid, labelOf(after), 1)
      if (after.class !== 'schema' || before.name === after.name) return
      give(after.oid, after.name, 0)
      for (const row of inSchema.all({ ...keyOf(of), oid: after.oid })) {
        const table = storedRow.parse(row)
        give(table.oid, labelOf(table), 1)
      }
    },
    oids: (of) =>
      listOids.all(keyOf(of)).map(({ class: name, oid }) => ({ class: String(name), oid: Number(oid) })),
    all: (of) => listAll.all(keyOf(of)).map((row) => storedRow.parse(row)),
    count: (cluster) => Number(count.get({ cluster })?.['n']),
  }
}
