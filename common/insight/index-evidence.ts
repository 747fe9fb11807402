import { z } from 'zod'

/**
 * Topic `index-evidence`. Each member of a cluster tells hourly of each database what it knows of the use of its indexes (`ledger`);
 * the primary also tells what the indexes are about which something can be said (`facts`). Times are milliseconds since the epoch on
 * the server's clock.
 */

/** Of one database the primary tells of as many: those that nothing speaks for first, the largest before the others. */
export const mostIndexFacts = 500

const oid = z.int().min(0).max(4_294_967_295)
const name = z.string().max(256)
const database = z.object({ oid, name })

/** Parts of one look are told one after the other; all have its `atMs`. */
const part = { part: z.int().min(0).max(1_000), parts: z.int().min(1).max(1_000) }

/** From and to: nobody knows what was scanned between. */
const gap = z.tuple([z.number(), z.number()])

export const indexLedgerBody = z.object({
  kind: z.literal('ledger'),
  database,
  system: z.string().max(64),
  inRecovery: z.boolean(),
  atMs: z.number(),
  /** How often it looks. */
  intervalMs: z.number(),
  /** The first look. */
  beganMs: z.number(),
  /** Since when the server has counted without losing its counters; null where that is not known. */
  countersSinceMs: z.number().nullable(),
  /** Whether sessions count their scans as the server is set (track_counts, also of roles and databases). */
  counts: z.boolean(),
  gaps: z.array(gap).max(100),
  /** Who streams from this server, by name and address. */
  followers: z.array(z.string().max(200)).max(32),
  ...part,
  count: z.int().min(0).max(20_000),
  /** See index-columns.ts. */
  columns: z.string().max(500_000),
})
export type IndexLedgerBody = z.infer<typeof indexLedgerBody>

/** What an index is, as the primary's catalogue has it. */
export const indexFact = z.object({
  oid,
  schema: name,
  table: name,
  tableOid: oid,
  index: name,
  method: name,
  /** As pg_get_indexdef words it; null while somebody holds a lock that it would wait behind. */
  definition: z.string().max(8_000).nullable(),
  /** Bytes by pg_class.relpages. */
  sizeBytes: z.number(),
  isUnique: z.boolean(),
  isReplicaIdentity: z.boolean(),
  isClustered: z.boolean(),
  isValid: z.boolean(),
  isBeingBuilt: z.boolean(),
  hasExpressions: z.boolean(),
  isPartial: z.boolean(),
  /** What it stands behind; null for none. */
  constraint: name.nullable(),
  extension: name.nullable(),
  /** The index of the partitioned table that it is a part of. */
  partOf: name.nullable(),
  /** Of a partitioned table's index those of its partitions, which are judged together; else empty. */
  parts: z.array(oid).max(2_000),
  /** Foreign keys of its table whose columns lead no other index. */
  foreignKeys: z.array(name).max(16),
  /** Rows inserted, updated without HOT, and deleted in its table per day, since the counters began; null where that is not known. */
  writesPerDay: z.number().nullable(),
  /** Rows of its table. */
  tableRows: z.number(),
  /** Part of it that an equal index just built would not need, 0 to 1; null where that cannot be told. */
  bloat: z.number().min(0).max(1).nullable(),
  /** Another one that does all that it does: with the same columns, or one that it leads. */
  coveredBy: z.object({ oid, index: name, isEqual: z.boolean() }).nullable(),
})
export type IndexFact = z.infer<typeof indexFact>

/** A table that is read from end to end, and often. */
export const scannedTable = z.object({
  oid,
  schema: name,
  table: name,
  sizeBytes: z.number(),
  rows: z.number(),
  /** Per day since the counters began. */
  scansPerDay: z.number(),
  rowsReadPerDay: z.number(),
  writesPerDay: z.number().nullable(),
  columns: z.array(name).max(200),
  /** Column lists that lead an index. */
  indexed: z.array(z.array(name).max(32)).max(100),
})
export type ScannedTable = z.infer<typeof scannedTable>

/** A foreign key whose columns lead no index of its table. */
export const bareForeignKey = z.object({
  oid,
  schema: name,
  table: name,
  tableOid: oid,
  constraint: name,
  columns: z.array(name).max(32),
  referenced: name,
  sizeBytes: z.number(),
  writesPerDay: z.number().nullable(),
})
export type BareForeignKey = z.infer<typeof bareForeignKey>

export const indexFactsBody = z.object({
  kind: z.literal('facts'),
  database,
  system: z.string().max(64),
  atMs: z.number(),
  ...part,
  indexes: z.array(indexFact).max(1_000),
  tables: z.array(scannedTable).max(100),
  foreignKeys: z.array(bareForeignKey).max(200),
})
export type IndexFactsBody = z.infer<typeof indexFactsBody>

export const indexEvidence = z.discriminatedUnion('kind', [indexLedgerBody, indexFactsBody])
export type IndexEvidence = z.infer<typeof indexEvidence>
