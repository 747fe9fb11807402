import { z } from 'zod'
import type { LentConnection } from '../insight-server.ts'

/** Names of databases and roles by their ids. */
export interface Names {
  /** Has all of these looked up that are not known, or not any more. @throws PgherdError of `Connection.query` */
  learn(
    connection: LentConnection,
    ids: { readonly databases: Iterable<number>; readonly roles: Iterable<number> },
  ): Promise<void>
  /** '' for 0; the id itself for what is gone. */
  database(id: number): string
  role(id: number): string
}

/** Renamed ones are seen after so long. */
const keptMs = 600_000
const limitMs = 2_000
const maxKept = 2_000

const text = `
select 'd', i, (select datname from pg_database where oid = i::oid) from unnest($1::bigint[]) i
 union all
select 'r', i, (select rolname from pg_roles where oid = i::oid) from unnest($2::bigint[]) i`

const found = z.array(z.tuple([z.enum(['d', 'r']), z.coerce.number(), z.string().nullable()]))

/** @param nowMs monotonic */
export function createNames(nowMs: () => number): Names {
  const databases = new Map<number, string>()
  const roles = new Map<number, string>()
  let sinceMs = nowMs()
  return {
    async learn(connection, ids) {
      if (nowMs() - sinceMs > keptMs || databases.size + roles.size > maxKept) {
        databases.clear()
        roles.clear()
        sinceMs = nowMs()
      }
      const missing = (known: ReadonlyMap<number, string>, wanted: Iterable<number>): readonly number[] => [
        ...new Set([...wanted].filter((id) => id !== 0 && !known.has(id))),
      ]
      const [unknownDatabases, unknownRoles] = [missing(databases, ids.databases), missing(roles, ids.roles)]
      if (unknownDatabases.length + unknownRoles.length === 0) return
      const values = [`{${unknownDatabases.join()}}`, `{${unknownRoles.join()}}`]
      const { rows } = await connection.query({ name: 'pgherd_waits_names', text, values }, limitMs)
      for (const [kind, id, name] of found.parse(rows)) {
        ;(kind === 'd' ? databases : roles).set(id, name ?? String(id))
      }
    },
    database: (id) => (id === 0 ? '' : (databases.get(id) ?? String(id))),
    role: (id) => (id === 0 ? '' : (roles.get(id) ?? String(id))),
  }
}
