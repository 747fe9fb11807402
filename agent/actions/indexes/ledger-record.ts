import { z } from 'zod'
import { dropStates, savedIndex } from '../../../common/insight/saved-index.ts'
import type { SavedIndex } from '../../../common/insight/saved-index.ts'
import type { IndexFacts } from './find-index.ts'

export type { SavedIndex } from '../../../common/insight/saved-index.ts'

/** What was counted of a table, and of the statements that name it. */
const trialSample = z.object({
  atMs: z.number(),
  /** Of the server: with a new one, what was counted is another count. */
  serverStartMs: z.number(),
  seqScans: z.number(),
  seqRows: z.number(),
  /** By queryid: calls, milliseconds, and squares of milliseconds. */
  statements: z.record(z.string(), z.tuple([z.number(), z.number(), z.number()])),
})
export type TrialSample = z.infer<typeof trialSample>

const common = {
  /** Of the command that began it. */
  id: z.string(),
  server: z.string(),
  index: savedIndex,
  startedMs: z.number(),
  endedMs: z.number().nullable(),
  /** How it is, or ended: half a sentence. */
  message: z.string(),
}

const trialRecord = z.object({
  ...common,
  kind: z.literal('trial'),
  state: z.enum(['starting', 'running', 'ending', 'over']),
  /** Of the transaction that disables the index (xid8): whether it has is asked of the server by this. */
  xid: z.string(),
  /** When it ends by itself. */
  untilMs: z.number(),
  limits: z.object({
    /** Further sequential scans of the table. */
    scans: z.number(),
    /** How much slower a statement may be: 0.5 is 50 %. */
    bound: z.number(),
  }),
  before: trialSample,
  since: trialSample,
  /** Whether sessions that had planned before were told. */
  areTold: z.boolean(),
  isHurt: z.boolean(),
  readings: z.array(
    z.object({
      what: z.string(),
      before: z.string(),
      since: z.string(),
      most: z.string(),
      isWorse: z.boolean(),
    }),
  ),
})
export type TrialRecord = z.infer<typeof trialRecord>

const dropRecord = z.object({
  ...common,
  kind: z.literal('drop'),
  state: z.enum(dropStates),
  /** xmin of its row in pg_index, where it was on trial: not valid already before the drop. */
  trialRowXid: z.string().optional(),
})
export type DropRecord = z.infer<typeof dropRecord>

const reindexRecord = z.object({
  ...common,
  kind: z.literal('reindex'),
  state: z.enum(['building', 'built', 'failed']),
})
export type ReindexRecord = z.infer<typeof reindexRecord>

export const ledgerRecord = z.discriminatedUnion('kind', [trialRecord, dropRecord, reindexRecord])
export type LedgerRecord = z.infer<typeof ledgerRecord>

const openStates: ReadonlySet<LedgerRecord['state']> = new Set([
  ...(['starting', 'running', 'ending', 'dropping', 'restoring', 'building'] as const),
])

/** Whether something is still to be done about it. */
export function isOpen({ state }: LedgerRecord): boolean {
  return openStates.has(state)
}

/** Whether it is of that index; databases that were copied have the same oids. */
export function isAbout(
  { index }: Pick<LedgerRecord, 'index'>,
  { oid, database }: Pick<SavedIndex, 'oid' | 'database'>,
): boolean {
  return index.oid === oid && index.database === database
}

export function savedFrom(index: IndexFacts, system: string): SavedIndex {
  const { database, schema, name, sql, oid, table, tableOid, definition, comment, tablespace } = index
  const { statistics, isUnique, isClustered, isReplicaIdentity, isValid, hasExpressions, sizeBytes } = index
  return {
    ...{ system, database, schema, name, sql, oid, table, tableOid, definition, comment, tablespace },
    ...{ statistics, isUnique, isClustered, isReplicaIdentity, isValid, hasExpressions, sizeBytes },
  }
}
