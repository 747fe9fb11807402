import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { queryRegression } from '../../../../common/insight/queries-view.ts'
import type { QueryRegression } from '../../../../common/insight/queries-view.ts'
import type { Candidate } from '../candidates.ts'
import { behaviour } from './behaviour.ts'
import type { Behaviour } from './behaviour.ts'

/** A statement on one server. */
export interface Place extends Candidate {
  readonly server: string
}

export interface Watched {
  /** When the reference was made. */
  readonly atMs: number
  /** How it was; undefined where there was too little to tell. */
  readonly reference: Behaviour | undefined
  readonly regression: QueryRegression | undefined
}

/** How statements were in their last week, and which of them are worse now. */
export interface WatchedQueries {
  find(place: Place): Watched | undefined
  setReference(place: Place, reference: Behaviour | undefined, nowMs: number): void
  setRegression(place: Place, regression: QueryRegression | undefined): void
  regressions(): readonly (Place & QueryRegression)[]
  /** Statements that nobody has looked at since. */
  forget(beforeMs: number): void
}

const storedReference = behaviour.nullable()
const most = 100_000

export function openWatchedQueries(database: DatabaseSync): WatchedQueries {
  const inPlace = 'cluster = :cluster AND server = :server AND datname = :datname AND query = :query'
  const find = database.prepare(`SELECT at_ms, reference, regression FROM watched_queries WHERE ${inPlace}`)
  const putReference = database.prepare(
    `INSERT INTO watched_queries (cluster, server, datname, query, at_ms, reference)
     VALUES (:cluster, :server, :datname, :query, :nowMs, :reference)
     ON CONFLICT (cluster, server, datname, query)
     DO UPDATE SET at_ms = excluded.at_ms, reference = excluded.reference`,
  )
  const putRegression = database.prepare(
    `UPDATE watched_queries SET regression = :regression WHERE ${inPlace}`,
  )
  const list = database.prepare(
    `SELECT cluster, server, datname, query, regression FROM watched_queries
      WHERE regression IS NOT NULL ORDER BY cluster, server, datname, query LIMIT 1000`,
  )
  const forget = database.prepare(
    `DELETE FROM watched_queries
      WHERE at_ms < :beforeMs
         OR at_ms < (SELECT at_ms FROM watched_queries ORDER BY at_ms DESC LIMIT 1 OFFSET ${most - 1})`,
  )
  const key = ({ cluster, server, datname, query }: Place) => ({ cluster, server, datname, query })
  return {
    find(place) {
      const row = find.get(key(place))
      if (row === undefined) return undefined
      return {
        atMs: Number(row['at_ms']),
        reference: storedReference.parse(JSON.parse(String(row['reference']))) ?? undefined,
        regression:
          row['regression'] === null
            ? undefined
            : queryRegression.parse(JSON.parse(String(row['regression']))),
      }
    },
    setReference(place, reference, nowMs) {
      putReference.run({ ...key(place), nowMs, reference: JSON.stringify(reference ?? null) })
    },
    setRegression(place, regression) {
      putRegression.run({
        ...key(place),
        regression: regression === undefined ? null : JSON.stringify(regression),
      })
    },
    regressions: () =>
      list.all().map((row) => ({
        ...place.parse(row),
        ...queryRegression.parse(JSON.parse(String(row['regression']))),
      })),
    forget: (beforeMs) => void forget.run({ beforeMs }),
  }
}

const place = z.object({
  cluster: z.string(),
  server: z.string(),
  datname: z.string(),
  query: z.string(),
})
