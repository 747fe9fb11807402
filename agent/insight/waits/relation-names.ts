import { z } from 'zod'
import type { InsightServer } from '../insight-server.ts'
import type { RelationId } from './awaited-relations.ts'

/** Names of relations, also of those in databases that have to be looked into for them. */
export interface RelationNames {
  /** Undefined while it is being looked up; `oid 123` for what cannot be, such as one that is gone. */
  name(relation: RelationId, database: string): string | undefined
  /** Looks up what was asked for, until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>
}

const maxKept = 2_000
const limitMs = 2_000
const everyMs = 5_000
/** What could not be looked up so often has none. */
const maxAttempts = 6

const text = `select oid::bigint, relname from pg_class where oid = any ($1::bigint[]::oid[])`
const found = z.array(z.tuple([z.coerce.number(), z.string()]))

export function createRelationNames(server: Pick<InsightServer, 'visit' | 'clock' | 'log'>): RelationNames {
  const names = new Map<string, string>()
  /** By database. */
  const wanted = new Map<string, { readonly ids: Set<number>; attempts: number }>()
  const keyOf = (database: string, id: number): string => `${database}\0${id}`

  const lookUp = async (database: string, signal: AbortSignal): Promise<void> => {
    const asked = wanted.get(database)
    if (asked === undefined) return
    const ids = [...asked.ids]
    try {
      const values = [`{${ids.join()}}`]
      const rows = await server.visit(
        database,
        async (connection) => found.parse((await connection.query({ text, values }, limitMs)).rows),
        signal,
      )
      const byId = new Map(rows)
      for (const id of ids) names.set(keyOf(database, id), byId.get(id) ?? `oid ${id}`)
      wanted.delete(database)
    } catch {
      // The place is taken, or the database may not be looked into.
      if (++asked.attempts < maxAttempts) return
      for (const id of ids) names.set(keyOf(database, id), `oid ${id}`)
      wanted.delete(database)
    }
  }

  return {
    name({ relationId }, database) {
      const known = names.get(keyOf(database, relationId))
      if (known !== undefined) return known
      if (names.size > maxKept) names.clear()
      const asked = wanted.get(database) ?? { ids: new Set(), attempts: 0 }
      asked.ids.add(relationId)
      wanted.set(database, asked)
      return undefined
    },
    async run(signal) {
      const isOver = (): boolean => signal.aborted
      while (!isOver()) {
        for (const database of [...wanted.keys()]) if (!isOver()) await lookUp(database, signal)
        await server.clock.sleep(everyMs, signal)
      }
    },
  }
}
