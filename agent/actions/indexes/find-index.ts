import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import { serverRefusal } from '../server-refusal.ts'
import { indexQuery } from './index-query.ts'

/** Names one index of one database. */
export const indexArgs = {
  index: z
    .string()
    .min(3)
    .max(200)
    .regex(/\./, 'allowed: an index with its schema, such as public.orders_customer_idx')
    .describe('index with its schema, as SQL writes it: public.orders_customer_idx'),
  database: z
    .string()
    .min(1)
    .max(63)
    .optional()
    .describe('database of the index; that of the URL unless told'),
} as const

export interface IndexTarget {
  readonly index: string
  readonly database?: string | undefined
}

const texts = z.array(z.string())

const found = z.object({
  oid: z.string(),
  /** With its schema, quoted by the server. */
  sql: z.string(),
  schema: z.string(),
  name: z.string(),
  /** pg_class.relkind: `i`, or `I` of a partitioned index. */
  kind: z.string(),
  database: z.string(),
  tableOid: z.string(),
  table: z.string(),
  tableKind: z.string(),
  /** As the last vacuum or analyze has counted; negative where none has. */
  tableRows: z.number(),
  isUnique: z.boolean(),
  isExclusion: z.boolean(),
  isClustered: z.boolean(),
  isReplicaIdentity: z.boolean(),
  isValid: z.boolean(),
  isReady: z.boolean(),
  isLive: z.boolean(),
  checksXmin: z.boolean(),
  /** It belongs to a partitioned index. */
  isAttached: z.boolean(),
  hasExpressions: z.boolean(),
  /** xmin of its row in pg_index: whoever has changed it last. */
  rowXid: z.string(),
  definition: z.string(),
  comment: z.string().nullable(),
  /** Empty where it is the database's. */
  tablespace: z.string(),
  /** Targets of ALTER INDEX ... SET STATISTICS. */
  statistics: z.array(z.object({ column: z.number(), target: z.number() })),
  /** From the catalog, as the last vacuum has counted; the file may be larger. */
  sizeBytes: z.number(),
  isSystem: z.boolean(),
  /** Of constraints that it enforces, or that refer to it. */
  constraints: texts,
  /** Foreign keys of its table whose columns it leads with, and no other index does. */
  foreignKeys: texts,
  extension: z.string().nullable(),
  /** The process that builds an index of the table. */
  builtBy: z.number().nullable(),
  /** The process that vacuums the table. */
  vacuumedBy: z.number().nullable(),
  /** That has looked. */
  role: z.string(),
  isOwner: z.boolean(),
  isSuperuser: z.boolean(),
  standbys: z.number(),
  scans: z.number().nullable(),
})

export interface IndexFacts extends z.infer<typeof found> {
  /** That role is not the one for commands, whose connection is taken. */
  readonly isOfMeasuring: boolean
}

export interface FoundIndex extends IndexFacts {
  /** In its database. */
  readonly session: ActionSession
}

export const lookMs = 5_000
/** Transactions have numbers of 64 bits since. */
const oldestVersion = 130_000

/**
 * One index as the catalog has it now.
 * @throws PgherdError NOT_SUPPORTED before PostgreSQL 13, NOT_FOUND, BAD_REQUEST for a name that is none, BUSY where another session holds a lock on its table
 */
export async function findIndex(
  server: ActionSession,
  { index, database }: IndexTarget,
): Promise<FoundIndex> {
  if (server.versionNumber < oldestVersion) {
    throw new PgherdError('NOT_SUPPORTED', 'indexes are looked after since PostgreSQL 13')
  }
  const session = database === undefined ? server : await server.database(database)
  const facts = await lookForIndex(session, index)
  if (facts !== undefined) return { ...facts, session }
  throw new PgherdError(
    'NOT_FOUND',
    `there is no index ${index} in database ${database ?? 'of the URL'} (or its schema may not be used by this role)${hintOf(index)}`,
  )
}

/** Lists show a name as it is, and SQL folds what is not in quotes. */
function hintOf(index: string): string {
  return /[A-Z]/.test(index.replaceAll(/"[^"]*"/g, ''))
    ? '; capitals take quotes, as in \'public."Notes_idx"\''
    : ''
}

/** @returns undefined where there is none of that name @throws PgherdError as `findIndex` */
export async function lookForIndex(session: ActionSession, index: string): Promise<IndexFacts | undefined> {
  return askFor(session, { where: 'c.oid = to_regclass($1)', value: index }, index)
}

/** The same by its oid, whatever it is called now. */
export async function indexByOid(session: ActionSession, oid: string): Promise<IndexFacts | undefined> {
  return askFor(session, { where: 'c.oid = $1::oid', value: oid }, `with the oid ${oid}`)
}

/** What pg_get_indexdef says of an index whose columns have just gone. */
const internalError = 'XX000'

async function askFor(
  session: ActionSession,
  by: { readonly where: string; readonly value: string },
  name: string,
): Promise<IndexFacts | undefined> {
  const asked = session.read({ text: indexQuery(by.where), values: [by.value] }, lookMs)
  const { rows, isOfMeasuring = false } = await asked.catch((error: unknown) => {
    const known = serverRefusal(error, 'CONNECT on the database')
    if (known.code !== 'PROBE_FAILED') throw known
    if (known.details['sqlstate'] === internalError) {
      throw new PgherdError('BUSY', `the index ${name} is changed or dropped just now`, { cause: error })
    }
    throw new PgherdError('BAD_REQUEST', `${name} is no name of an index: ${known.message}`, { cause: error })
  })
  const text = rows[0]?.[0]
  return text == null ? undefined : { ...found.parse(JSON.parse(text)), isOfMeasuring }
}
