import type { DatabaseSync } from 'node:sqlite'
import { ddlChange } from '../../../common/insight/ddl-view.ts'
import type { DdlChange, DdlQuery } from '../../../common/insight/ddl-view.ts'

/** A change before it has its number. */
export type NewChange = Omit<DdlChange, 'seq' | 'parts'>

/** The changes of all schemas, bounded by age and number. */
export interface ChangeStore {
  /**
   * @param under the number of the change that it is a part of
   * @param key told only once; undefined for what the objects themselves tell apart
   * @returns its number, undefined where the key was there
   */
  add(change: NewChange, options?: { readonly under?: number; readonly key?: string }): number | undefined
  /** The newest change of that name between two looks, of which another may be a part. */
  latest(
    of: Pick<NewChange, 'cluster' | 'database' | 'fromMs' | 'toMs'>,
    object: string,
  ): DdlChange | undefined
  /** The newest first. */
  list(query: DdlQuery): readonly DdlChange[]
  one(seq: number): DdlChange | undefined
  /** All that came later, parts of others as well, the newest first. */
  since(of: { readonly cluster: string; readonly database: string }, afterMs: number): readonly DdlChange[]
  /** Forgets what is too old or too much. */
  forget(nowMs: number): void
}

export interface ChangeLimits {
  readonly maxAgeMs: number
  readonly maxChanges: number
}

const defaults: ChangeLimits = { maxAgeMs: 400 * 86_400_000, maxChanges: 500_000 }

export function openChangeStore(database: DatabaseSync, limits: Partial<ChangeLimits> = {}): ChangeStore {
  const { maxAgeMs, maxChanges } = { ...defaults, ...limits }
  const insert = database.prepare(
    `INSERT INTO ddl_changes (cluster, database, at_ms, change, kind, object, actor, under, key, record)
     VALUES (:cluster, :database, :atMs, :change, :kind, :object, :actor, :under, :key, :record)
     ON CONFLICT (key) DO NOTHING`,
  )
  const count = database.prepare('UPDATE ddl_changes SET parts = parts + 1 WHERE seq = :seq')
  const latest = database.prepare(
    `SELECT seq, parts, database, record FROM ddl_changes
      WHERE cluster = :cluster AND database = :database AND object = :object AND under IS NULL
      ORDER BY seq DESC LIMIT 1`,
  )
  const one = database.prepare('SELECT seq, parts, database, record FROM ddl_changes WHERE seq = :seq')
  const since = database.prepare(
    `SELECT seq, parts, database, record FROM ddl_changes
      WHERE cluster = :cluster AND database = :database AND at_ms > :afterMs ORDER BY seq DESC`,
  )
  const forget = database.prepare(
    'DELETE FROM ddl_changes WHERE at_ms < :beforeMs OR seq <= (SELECT max(seq) FROM ddl_changes) - :keep',
  )
  const read = (row: Readonly<Record<string, unknown>>): DdlChange => {
    const record: unknown = JSON.parse(String(row['record']))
    const { seq, parts, database: name } = row
    return ddlChange.parse({ ...(typeof record === 'object' ? record : {}), seq, parts, database: name })
  }

  return {
    add(change, { under, key } = {}) {
      const { cluster, database: name, atMs, change: how, kind, object, actor } = change
      const { changes, lastInsertRowid } = insert.run({
        ...{ cluster, database: name, atMs, change: how, kind, object, actor },
        ...{ under: under ?? null, key: key ?? null, record: JSON.stringify(change) },
      })
      if (changes === 0) return undefined
      if (under !== undefined) count.run({ seq: under })
      return Number(lastInsertRowid)
    },
    latest({ cluster, database: name, fromMs, toMs }, object) {
      const row = latest.get({ cluster, database: name, object })
      if (row === undefined) return undefined
      const found = read(row)
      return found.fromMs === fromMs && found.toMs === toMs ? found : undefined
    },
    list(query) {
      const { cluster, database: name, kind, object, under, actor, changes, sinceMs, untilMs, after } = query
      const conditions: readonly (
        readonly [sql: string, values: Readonly<Record<string, string | number>>] | undefined
      )[] = [
        under === undefined ? ['under IS NULL', {}] : ['under = :under', { under }],
        cluster === undefined ? undefined : ['cluster = :cluster', { cluster }],
        name === undefined ? undefined : ['database = :database', { database: name }],
        kind === undefined ? undefined : ['kind = :kind', { kind }],
        object === undefined
          ? undefined
          : [
              `(object GLOB :object OR object GLOB :inSchema OR object GLOB :onTable OR object GLOB :inAny
                OR record ->> 'formerly' GLOB :object OR record ->> 'formerly' GLOB :inSchema)`,
              {
                object: globOf(object),
                inSchema: `*.${globOf(object)}`,
                onTable: `* on ${globOf(object)}`,
                inAny: `${globOf(object)} on *`,
              },
            ],
        actor === undefined ? undefined : ['actor = :actor', { actor }],
        changes === undefined
          ? undefined
          : ['change IN (SELECT value FROM json_each(:changes))', { changes: JSON.stringify(changes) }],
        sinceMs === undefined ? undefined : ['at_ms >= :sinceMs', { sinceMs }],
        untilMs === undefined ? undefined : ['at_ms <= :untilMs', { untilMs }],
        after === undefined ? undefined : ['seq > :after', { after }],
      ]
      const asked = conditions.filter((one) => one !== undefined)
      const values = Object.assign({}, ...asked.map(([, of]) => of)) as Record<string, string | number>
      return database
        .prepare(
          `SELECT seq, parts, database, record FROM ddl_changes
            WHERE ${asked.map(([sql]) => sql).join(' AND ')} ORDER BY at_ms DESC, seq DESC LIMIT :limit`,
        )
        .all({ ...values, limit: query.limit })
        .map(read)
    },
    one(seq) {
      const row = one.get({ seq })
      return row === undefined ? undefined : read(row)
    },
    since: ({ cluster, database: name }, afterMs) =>
      since.all({ cluster, database: name, afterMs }).map(read),
    forget: (nowMs) => void forget.run({ beforeMs: nowMs - maxAgeMs, keep: maxChanges }),
  }
}

/** Only `*` stands for anything. */
function globOf(pattern: string): string {
  return pattern.replaceAll(/[?[]/g, '[$&]')
}
