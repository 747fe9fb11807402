import { z } from 'zod'

/** GET /api/v1/indexes and /api/v1/indexes/:cluster/:name: what is wrong with indexes, and what can be done. Times are milliseconds since the epoch. */

export const indexFindings = ['unused', 'duplicate', 'redundant', 'invalid', 'bloated', 'missing'] as const
export const indexFindingKind = z.enum(indexFindings)
export type IndexFindingKind = z.infer<typeof indexFindingKind>

/**
 * droppable: nothing is lost without it. keep: it serves otherwise. needs-evidence: a member has not been looked at for as long as was
 * asked for. reindex: built again it would be smaller. create: an index is missing.
 */
export const indexVerdicts = ['droppable', 'reindex', 'create', 'needs-evidence', 'keep'] as const
export const indexVerdict = z.enum(indexVerdicts)
export type IndexVerdict = z.infer<typeof indexVerdict>

/** What one member says of an index. */
export const memberEvidence = z.object({
  server: z.string(),
  role: z.enum(['primary', 'standby', 'unknown']),
  /** unused and used: in the period that was asked for. short: not used, and not looked at for all of it. silent: nothing new is known. */
  state: z.enum(['unused', 'used', 'short', 'silent']),
  /** Its newest look; null where there was none. */
  atMs: z.number().nullable(),
  /** How many days of the period it was looked at, and without being used. */
  coveredDays: z.number(),
  /** Since when nobody has used it there, as far as that is known. */
  unusedSinceMs: z.number().nullable(),
  lastUsedMs: z.number().nullable(),
  /** Seen since the first look there. */
  scans: z.number().nullable(),
  rowsFetched: z.number().nullable(),
  /** Since when the server has counted. */
  countersSinceMs: z.number().nullable(),
  /** One sentence. */
  text: z.string(),
})
export type MemberEvidence = z.infer<typeof memberEvidence>

export const indexFinding = z.object({
  cluster: z.string(),
  /** The ins label of the primary that told of it. */
  server: z.string(),
  database: z.string(),
  databaseOid: z.number(),
  schema: z.string(),
  table: z.string(),
  /** Of a missing index, the name that the proposed one has. */
  index: z.string(),
  /** Null for a missing index. */
  oid: z.number().nullable(),
  finding: indexFindingKind,
  verdict: indexVerdict,
  /** Sentences, the most important first. */
  reasons: z.array(z.string()),
  definition: z.string().nullable(),
  sizeBytes: z.number(),
  /** What doing it saves; of a missing index 0. */
  savesBytes: z.number(),
  /** Entries that writes put into it per day, about; null where that is not known. */
  writesPerDay: z.number().nullable(),
  /** Another index that does all that it does. */
  coveredBy: z.string().nullable(),
  members: z.array(memberEvidence),
  /** When the primary looked. */
  atMs: z.number(),
  /** The next command for it; null where there is none. */
  next: z.string().nullable(),
})
export type IndexFinding = z.infer<typeof indexFinding>

const listing = z.object({
  /** The period in which nobody may have used an unused index. */
  days: z.number(),
  /** Those worth the most first. */
  findings: z.array(indexFinding),
  /** What stands in the way of judging at all, such as a cluster without evidence. */
  notes: z.array(z.string()),
})
export type IndexListing = z.infer<typeof listing>

/** What is asked for; all unless told. */
export interface IndexQuery {
  readonly cluster?: string
  readonly database?: string
  readonly finding?: IndexFindingKind
  /** The index, with or without its schema. */
  readonly name?: string
  /** The collector's insight.index_days unless told. */
  readonly days?: number
}

export const indexesAnswer = z.object({ status: z.literal('success'), data: listing })
