import { keyBytes } from './counters-query.ts'
import type { LentConnection } from '../insight-server.ts'
import type { Look } from './look.ts'

/** What databases are called. */
export interface DatabaseNames {
  /** Undefined where it is gone: statements of a dropped database stay behind. */
  of(dbid: number): string | undefined
  /**
   * Asks again where a look has databases that are not known, and now and then, because they can be renamed.
   * @throws PgherdError of `Connection.query`
   */
  complete(look: Look, connection: LentConnection, timeoutMs: number): Promise<void>
}

/** Seconds of the server. */
const askAgainAfter = 600
const query = { name: 'pgherd_statement_databases', text: 'select oid, datname from pg_database' }

export function createDatabaseNames(): DatabaseNames {
  let names = new Map<number, string | undefined>()
  let askedAt = -Infinity
  let seen: Buffer | undefined

  const lacks = (look: Look): boolean => {
    if (look.takenAt - askedAt > askAgainAfter || look.takenAt < askedAt) return true
    if (seen?.equals(look.keys) === true) return false
    for (let i = 0; i < look.count; i++) {
      if (!names.has(look.keys.readUInt32BE(i * keyBytes + 4))) return true
    }
    return false
  }

  return {
    of: (dbid) => names.get(dbid),
    async complete(look, connection, timeoutMs) {
      if (lacks(look)) {
        const { rows } = await connection.query(query, timeoutMs)
        const found = new Map<number, string | undefined>(
          rows.map(([oid, name]) => [Number(oid), name ?? undefined]),
        )
        for (let i = 0; i < look.count; i++) {
          const dbid = look.keys.readUInt32BE(i * keyBytes + 4)
          if (!found.has(dbid)) found.set(dbid, undefined)
        }
        names = found
        askedAt = look.takenAt
      }
      seen = look.keys
    },
  }
}
