import type { CollectorClient } from '../client.ts'
import { instantVector } from '../instant-vector.ts'
import type { VectorRow } from '../instant-vector.ts'
import type { IndexWrites, StatementWrites, TableWrites, WriteLoad } from './write-load.ts'

/** How often rules/record-writes.yaml are evaluated. */
const ruleSeconds = 60

/**
 * Asks the collector's PromQL API, as anybody may who can look.
 * @param seconds of the range that ends now
 * @throws PgherdError as the collector answers
 */
export async function readWrites(
  client: CollectorClient,
  {
    cluster,
    server,
    seconds,
  }: { readonly cluster: string; readonly server: string; readonly seconds: number },
): Promise<WriteLoad> {
  const here = `cls=${quoted(cluster)},ins=${quoted(server)}`
  const window = `[${seconds}s]`
  const ask = (expression: string): Promise<readonly VectorRow[]> => instantVector(client, expression)
  const grown = (metric: string, by: string, more = ''): Promise<readonly VectorRow[]> =>
    ask(`sum by (${by}) (increase(${metric}{${here}${more}}${window}))`)
  const now = (metric: string, by: string): Promise<readonly VectorRow[]> =>
    ask(`max by (${by}) (${metric}{${here}})`)
  const recorded = (metric: string, by: string): Promise<readonly VectorRow[]> =>
    ask(`sum by (${by}) (sum_over_time(${metric}{${here}}${window})) * ${ruleSeconds}`)
  const one = async (rows: Promise<readonly VectorRow[]>): Promise<number | null> =>
    (await rows)[0]?.value ?? null

  const ofTable = 'datname, relname'
  const ofIndex = 'datname, relname, idxname'
  const [bytes, position, images, records, estimated, estimatedImages, covered] = await Promise.all([
    one(grown('pg_wal_bytes', 'ins')),
    one(grown('pg_lsn', 'ins')),
    one(grown('pg_wal_fpi', 'ins')),
    one(grown('pg_wal_records', 'ins')),
    one(recorded('instance:pg_wal_bytes:rate5m', 'ins')),
    one(recorded('instance:pg_wal_fpi_bytes:rate5m', 'ins')),
    one(
      ask(`sum by (ins) (count_over_time(instance:pg_wal_bytes:rate5m{${here}}${window})) * ${ruleSeconds}`),
    ),
  ])
  const walBytes = bytes ?? position ?? 0
  // Rates of five minutes reach beyond both ends of the range: what they say is parts of a whole.
  const scale = estimated === null || estimated === 0 ? 0 : walBytes / estimated
  const [checkpoints, buffers, statements, tables, indexes] = await Promise.all([
    readCheckpoints(),
    readBuffers(),
    readStatements(),
    readTables(),
    readIndexes(),
  ])
  const indexBytes = Map.groupBy(indexes, ({ database, table }) => key(database, table))
  return {
    cluster,
    server,
    seconds,
    estimatedSeconds: Math.min(covered ?? 0, seconds),
    wal: {
      bytes: walBytes,
      imageShare:
        images === null || estimated === null || estimated === 0 ? null : (estimatedImages ?? 0) / estimated,
      images: images === null ? null : Math.round(images),
      records: records === null ? null : Math.round(records),
    },
    checkpoints,
    buffers,
    statements,
    tables: tables.map((table) => ({
      ...table,
      indexWalBytes: (indexBytes.get(key(table.database, table.table)) ?? []).reduce(
        (sum, index) => sum + index.walBytes,
        0,
      ),
    })),
    indexes,
  }

  async function readCheckpoints(): Promise<WriteLoad['checkpoints']> {
    const [timed, requested, timeoutSeconds, completionTarget, maxWalBytes] = await Promise.all([
      one(grown('pg_checkpointer_timed', 'ins')),
      one(grown('pg_checkpointer_req', 'ins')),
      one(now('pg_setting_checkpoint_timeout', 'ins')),
      one(now('pg_setting_checkpoint_completion_target', 'ins')),
      one(now('pg_setting_max_wal_size', 'ins')),
    ])
    return {
      timed: Math.round(timed ?? 0),
      requested: Math.round(requested ?? 0),
      timeoutSeconds,
      completionTarget,
      maxWalBytes,
    }
  }

  async function readBuffers(): Promise<WriteLoad['buffers']> {
    const [checkpointer, backgroundWriter, byIo, byBgwriter] = await Promise.all([
      one(grown('pg_checkpointer_buffers_written', 'ins')),
      one(grown('pg_bgwriter_buffers_clean', 'ins')),
      one(grown('pg_io_writes', 'ins', ',type="client backend",object="relation"')),
      // pg_stat_bgwriter counted them until 16, pg_stat_io does since then.
      one(grown('pg_bgwriter_buffers_backend', 'ins')),
    ])
    const sessions = byIo ?? byBgwriter
    return {
      checkpointer: Math.round(checkpointer ?? 0),
      backgroundWriter: Math.round(backgroundWriter ?? 0),
      sessions: sessions === null ? null : Math.round(sessions),
    }
  }

  async function readStatements(): Promise<readonly StatementWrites[]> {
    const by = 'datname, query'
    const [wal, pages, calls] = await Promise.all([
      grown('pg_query_wal_bytes', by),
      grown('pg_query_wal_fpi', by),
      grown('pg_query_calls', by),
    ])
    const [pagesOf, callsOf] = [pages, calls].map((rows) => figuresBy(rows, 'query'))
    return wal
      .filter(({ value }) => value > 0)
      .toSorted((a, b) => b.value - a.value)
      .map(({ labels: { datname = '', query = '' }, value }) => ({
        database: datname,
        query,
        walBytes: value,
        images: Math.round(pagesOf!(datname, query)),
        calls: Math.round(callsOf!(datname, query)),
        text: null,
      }))
  }

  async function readTables(): Promise<readonly Omit<TableWrites, 'indexWalBytes'>[]> {
    const [wal, ...others] = await Promise.all([
      recorded('table:pg_wal_bytes:rate5m', ofTable),
      grown('pg_table_n_tup_ins', ofTable),
      grown('pg_table_n_tup_upd', ofTable),
      grown('pg_table_n_tup_hot_upd', ofTable),
      grown('pg_table_n_tup_del', ofTable),
      now('pg_table_n_live_tup', ofTable),
      now('pg_table_n_dead_tup', ofTable),
      now('pg_table_write_fillfactor', ofTable),
      now('pg_table_write_row_bytes', ofTable),
      grown('pg_table_n_tup_newpage_upd', ofTable),
    ])
    const [inserted, updated, hot, deleted, live, dead, fillfactor, row, moved] = others.map((rows) =>
      figuresBy(rows, 'relname'),
    )
    const knowsMoved = others[8].length > 0
    return wal
      .filter(({ value }) => value > 0)
      .toSorted((a, b) => b.value - a.value)
      .map(({ labels: { datname = '', relname = '' }, value }) => ({
        database: datname,
        table: relname,
        walBytes: value * scale,
        inserted: Math.round(inserted!(datname, relname)),
        updated: Math.round(updated!(datname, relname)),
        hotUpdated: Math.round(hot!(datname, relname)),
        movedToNewPage: knowsMoved ? Math.round(moved!(datname, relname)) : null,
        deleted: Math.round(deleted!(datname, relname)),
        liveRows: live!(datname, relname),
        deadRows: dead!(datname, relname),
        fillfactor: fillfactor!(datname, relname) || 100,
        rowBytes: row!(datname, relname),
      }))
  }

  async function readIndexes(): Promise<readonly IndexWrites[]> {
    const [wal, pages, scansHere, optional, scansElsewhere] = await Promise.all([
      recorded('index:pg_wal_bytes:rate5m', ofIndex),
      now('pg_index_write_pages', ofIndex),
      now('pg_index_write_scans', ofIndex),
      now('pg_index_write_optional', ofIndex),
      // What a standby is asked for is of use, too.
      ask(
        `sum by (datname, idxname) (max by (ins, datname, idxname) (pg_index_idx_scan{cls=${quoted(cluster)},ins!=${quoted(server)}}))`,
      ),
    ])
    const [pagesOf, hereOf, optionalOf, elsewhereOf] = [pages, scansHere, optional, scansElsewhere].map(
      (rows) => figuresBy(rows, 'idxname'),
    )
    return wal
      .filter(({ value }) => value > 0)
      .toSorted((a, b) => b.value - a.value)
      .map(({ labels: { datname = '', relname = '', idxname = '' }, value }) => ({
        database: datname,
        index: idxname,
        table: relname,
        walBytes: value * scale,
        sizeBytes: pagesOf!(datname, idxname) * 8192,
        scans: hereOf!(datname, idxname) + elsewhereOf!(datname, idxname),
        isOptional: optionalOf!(datname, idxname) === 1,
      }))
  }
}

const key = (database: string, name: string): string => `${database}\0${name}`

/** Values by database and another label; 0 where there is none. */
function figuresBy(rows: readonly VectorRow[], label: string): (database: string, name: string) => number {
  const values = new Map(
    rows.map(({ labels, value }) => [key(labels['datname'] ?? '', labels[label] ?? ''), value]),
  )
  return (database, name) => values.get(key(database, name)) ?? 0
}

/** As PromQL reads a string. */
function quoted(text: string): string {
  return JSON.stringify(text)
}
