import type { SampleTable } from '../../../common/series/sample-table.ts'
import type { Blocking } from './activity/blocking.ts'

/** What is told with each scrape: changes by database, and what is held up now. */
export interface SchemaFigures {
  changed(database: string, objects: number, atMs: number): void
  /** Databases are there with 0 from the first look on, so that the first change is an increase. */
  know(database: string): void
  blocking(found: readonly Blocking[], nameOf: (oid: number) => string | undefined): void
  /** The same table as long as nothing has changed. */
  tables(): readonly SampleTable[]
}

/** Databases with series of their own; all others are told of in the history only. */
const mostDatabases = 50

export function createSchemaFigures(): SchemaFigures {
  const changes = new Map<string, { count: number; atMs: number | undefined }>()
  let blocked = new Map<string, { readonly sessions: number; readonly seconds: number }>()
  let tables: readonly SampleTable[] | undefined
  const know = (database: string): void => {
    if (changes.has(database) || changes.size >= mostDatabases) return
    changes.set(database, { count: 0, atMs: undefined })
    tables = undefined
  }
  return {
    know,
    changed(database, objects, atMs) {
      know(database)
      const known = changes.get(database)
      if (known === undefined) return
      known.count += objects
      known.atMs = atMs
      tables = undefined
    },
    blocking(found, nameOf) {
      if (found.length === 0 && blocked.size === 0) return
      blocked = new Map(
        found.map((one) => [
          nameOf(one.databaseOid) ?? String(one.databaseOid),
          { sessions: one.blocked, seconds: one.lockMs / 1000 },
        ]),
      )
      tables = undefined
    },
    tables() {
      tables ??= [
        {
          metrics: ['pgherd_schema_changes_total', 'pgherd_schema_change_timestamp_seconds'],
          labelNames: ['datname'],
          rows: [...changes].map(([database, { count, atMs }]) => ({
            labels: [database],
            values: [count, atMs === undefined ? undefined : atMs / 1000],
          })),
        },
        {
          metrics: ['pgherd_ddl_blocked_sessions', 'pgherd_ddl_lock_seconds'],
          labelNames: ['datname'],
          rows: [...new Set([...changes.keys(), ...blocked.keys()])]
            .filter((name) => name !== '')
            .map((name) => ({
              labels: [name],
              values: [blocked.get(name)?.sessions ?? 0, blocked.get(name)?.seconds ?? 0],
            })),
        },
      ]
      return tables
    },
  }
}
