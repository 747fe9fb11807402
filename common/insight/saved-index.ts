import { z } from 'zod'

/** Everything that an index is made of again, as it was before anything was done to it. */
export const savedIndex = z.object({
  /** The system identifier of its server. */
  system: z.string(),
  database: z.string(),
  schema: z.string(),
  name: z.string(),
  /** With its schema, quoted by the server. */
  sql: z.string(),
  oid: z.string(),
  table: z.string(),
  tableOid: z.string(),
  definition: z.string(),
  comment: z.string().nullable(),
  /** Empty where it is the database's. */
  tablespace: z.string(),
  statistics: z.array(z.object({ column: z.number(), target: z.number() })),
  isUnique: z.boolean(),
  isClustered: z.boolean(),
  isReplicaIdentity: z.boolean(),
  isValid: z.boolean(),
  hasExpressions: z.boolean(),
  sizeBytes: z.number(),
})
export type SavedIndex = z.infer<typeof savedIndex>

export const dropStates = ['dropping', 'dropped', 'kept', 'restoring', 'restored'] as const

/** Body of the topic `saved-index`: a drop as it stands now in the ledger of its host. */
export const savedIndexReport = z.object({
  /** Of the command that dropped it. */
  id: z.string().min(1).max(64),
  state: z.enum(dropStates),
  startedMs: z.number(),
  message: z.string().max(4_000),
  index: savedIndex,
})
export type SavedIndexReport = z.infer<typeof savedIndexReport>

/** GET /api/v1/indexes/saved: one dropped index, and whose agent has told of it last. */
export const keptIndex = z.object({
  cluster: z.string(),
  /** The ins label. */
  server: z.string(),
  ...savedIndexReport.shape,
})
export type KeptIndex = z.infer<typeof keptIndex>

export const savedIndexesAnswer = z.object({ status: z.literal('success'), data: z.array(keptIndex) })
