import { z } from 'zod'
import { findOid } from '../../../common/insight/index-columns.ts'
import { readOids } from '../../../common/insight/packed-oids.ts'
import type { LentConnection } from '../insight-server.ts'
import { listQuery } from './class-queries.ts'
import type { ObjectClass } from './classes/object-class.ts'
import type { KnownObjects } from './known-objects.ts'
import { readObjects } from './read-objects.ts'
import type { ReadObject } from './read-objects.ts'

/** The transaction that wrote an object last, and when it was committed where the server keeps that. */
export interface Written {
  readonly xid: string | null
  readonly committedMs: number | null
}

/** What is to be read of one database, and was not yet: by class and oid. */
export type Pending = Map<string, Map<number, Written>>

export interface FoundObject extends ReadObject, Written {
  readonly class: string
}

/** What a look has found: oids of all objects by class, and those that are gone. */
export interface Listed {
  /** Of the oldest transaction that was under way, or of the next one. */
  readonly xid: string
  /** Milliseconds since the epoch on the server's clock. */
  readonly atMs: number
  readonly present: ReadonlyMap<string, Uint32Array>
  readonly gone: readonly { readonly class: string; readonly oid: number }[]
}

const limitMs = 2_000
const nobody: Written = { xid: null, committedMs: null }
const listed = z.tuple([z.string(), z.string().nullable()])

/**
 * Lists what there is, and puts into `pending` what may have changed since the transaction `since`, or everything. Takes one pass over
 * each catalog, and no lock that anybody waits for.
 * @throws PgherdError of `query`
 */
export async function listObjects(
  connection: LentConnection,
  about: {
    readonly classes: readonly ObjectClass[]
    readonly known: KnownObjects
    readonly since: string | undefined
    readonly isWhole: boolean
    readonly pending: Pending
  },
): Promise<Listed> {
  const { classes, known, since, isWhole, pending } = about
  // Before the rows: what is committed in between is seen again by the next look.
  const { rows } = await connection.query(
    {
      name: 'pgherd_schema_xid',
      text: `select pg_snapshot_xmin(pg_current_snapshot())::xid::text, floor(1000 * extract(epoch from clock_timestamp()))`,
    },
    limitMs,
  )
  const [xid, atMs] = z.tuple([z.string(), z.coerce.number()]).parse(rows[0])
  const present = new Map<string, Uint32Array>()
  const gone: Listed['gone'][number][] = []
  for (const one of classes) {
    const { name } = one
    const answer = await connection.query(
      {
        name: `pgherd_schema_list_${name.replaceAll(' ', '_')}`,
        text: listQuery(one),
        values: [since ?? ''],
      },
      limitMs,
    )
    const [packed, touched] = listed.parse(answer.rows[0])
    const oids = readOids(packed).sort()
    present.set(name, oids)
    const waiting = pending.get(name) ?? new Map<number, Written>()
    pending.set(name, waiting)
    const told = known.oids(name)
    let at = 0
    for (let i = 0; i < oids.length; i++) {
      const oid = oids[i]!
      while (at < told.length && told[at]! < oid) gone.push({ class: name, oid: told[at++]! })
      const isKnown = told[at] === oid
      if (isKnown) at++
      if ((isWhole || !isKnown) && !waiting.has(oid)) waiting.set(oid, nobody)
    }
    while (at < told.length) gone.push({ class: name, oid: told[at++]! })
    for (const [oid, written] of readTouched(touched)) waiting.set(oid, written)
    for (const oid of waiting.keys()) if (findOid(oids, oid) < 0) waiting.delete(oid)
  }
  return { xid, atMs, present, gone }
}

/**
 * Reads some of what is pending, in the order of the classes; what was read is pending no longer, and what is locked stays.
 * @param most objects of this time
 * @throws PgherdError of `query`
 */
export async function readPending(
  connection: LentConnection,
  classes: readonly ObjectClass[],
  pending: Pending,
  most: number,
): Promise<readonly FoundObject[]> {
  const found: FoundObject[] = []
  let left = most
  for (const one of classes) {
    const waiting = pending.get(one.name)
    if (waiting === undefined || waiting.size === 0 || left === 0) continue
    const oids = firstOf(waiting.keys(), left)
    left -= oids.length
    for (let at = 0; at < oids.length; at += pageObjects) {
      const page = oids.slice(at, at + pageObjects)
      for (const object of await readObjects(connection, one, page)) {
        found.push({ ...object, class: one.name, ...(waiting.get(object.oid) ?? nobody) })
        waiting.delete(object.oid)
      }
      // What could not be read comes last the next time.
      for (const oid of page) {
        const written = waiting.get(oid)
        if (written === undefined) continue
        waiting.delete(oid)
        waiting.set(oid, written)
      }
    }
  }
  return found
}

const pageObjects = 250

function firstOf(all: Iterable<number>, most: number): readonly number[] {
  const found: number[] = []
  for (const one of all) {
    found.push(one)
    if (found.length === most) break
  }
  return found
}

function* readTouched(text: string | null): Generator<readonly [oid: number, written: Written]> {
  if (text === null) return
  for (const entry of text.split(',')) {
    const [oid = '', xid = '', committed = ''] = entry.split(' ')
    yield [
      Number(oid),
      { xid: xid === '' ? null : xid, committedMs: committed === '' ? null : Number(committed) },
    ]
  }
}
