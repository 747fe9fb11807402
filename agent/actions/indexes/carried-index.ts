import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import { systemOf } from './index-session.ts'
import type { DropRecord } from './ledger-record.ts'

/**
 * What an index is built of again on a server whose agent has not dropped it: the old primary's has, and the command carries what that one
 * had saved, under the operator's signature.
 */
export const carriedArgs = {
  definition: z
    .string()
    .min(10)
    .max(10_000)
    .optional()
    .describe(
      'of an index that another member has dropped, as pg_get_indexdef told it; saved is the id of that drop then',
    ),
  comment: z.string().min(1).max(10_000).optional().describe('with definition: its comment'),
  tablespace: z
    .string()
    .min(1)
    .max(63)
    .optional()
    .describe("with definition: its tablespace; the database's unless told"),
  statistics: z
    .string()
    .regex(/^\d+=\d+(,\d+=\d+)*$/, 'allowed: 1=500 or 1=500,3=100')
    .optional()
    .describe('with definition: statistics targets by the number of its column'),
  clustered: z.boolean().optional().describe('with definition: its table was clustered by it'),
  analyze: z
    .boolean()
    .optional()
    .describe('with definition: analyze its table, for statistics of expressions'),
  size_bytes: z.int().min(0).optional().describe('with definition: what it had, to look for room'),
} as const
export type CarriedArgs = z.infer<z.ZodObject<typeof carriedArgs>>

const identifier = String.raw`"(?:[^"]|"")+"|[^\s".()]+`
const shape = new RegExp(
  String.raw`^CREATE (?<unique>UNIQUE )?INDEX (?<name>${identifier}) ON (?<only>ONLY )?(?<schema>${identifier})\.(?<table>${identifier}) USING \w+ \(`,
)

export interface DefinitionParts {
  readonly isUnique: boolean
  /** With its schema, as the definition quotes them. */
  readonly sql: string
  readonly schema: string
  readonly name: string
  /** With its schema, as the definition quotes it. */
  readonly table: string
}

/** What a definition of pg_get_indexdef names; undefined for what is none, or one of a partitioned table. */
export function partsOfDefinition(definition: string): DefinitionParts | undefined {
  const groups = shape.exec(definition)?.groups
  if (groups === undefined || groups['only'] !== undefined) return undefined
  const { unique, name = '', schema = '', table = '' } = groups
  return {
    isUnique: unique !== undefined,
    sql: `${schema}.${name}`,
    schema: unquoted(schema),
    name: unquoted(name),
    table: `${schema}.${table}`,
  }
}

/**
 * The drop of another member as a record of this one's ledger.
 * @param id - of that drop
 * @throws PgherdError BAD_REQUEST for what is no definition of an index
 */
export function carriedRecord(
  { definition, ...asked }: CarriedArgs & { readonly definition: string },
  about: {
    readonly id: string
    readonly server: string
    readonly session: ActionSession
    readonly database: string
    readonly nowMs: number
  },
): DropRecord {
  const parts = partsOfDefinition(definition)
  if (parts === undefined) {
    throw new PgherdError(
      'BAD_REQUEST',
      `definition is none of a plain index: ${definition}; allowed: one as pg_get_indexdef tells it, such as CREATE INDEX orders_note_idx ON public.orders USING btree (note)`,
    )
  }
  return {
    ...{ id: about.id, server: about.server, kind: 'drop', state: 'dropped', endedMs: about.nowMs },
    startedMs: about.nowMs,
    message: 'another member has dropped it',
    index: {
      ...{ ...parts, definition, database: about.database, system: systemOf(about.session) },
      // It has none here any more.
      ...{ oid: '0', tableOid: '0', isReplicaIdentity: false, isValid: true },
      comment: asked.comment ?? null,
      tablespace: asked.tablespace ?? '',
      statistics: (asked.statistics ?? '')
        .split(',')
        .filter((one) => one !== '')
        .map((one) => {
          const [column, target] = one.split('=')
          return { column: Number(column), target: Number(target) }
        }),
      isClustered: asked.clustered ?? false,
      hasExpressions: asked.analyze ?? false,
      sizeBytes: asked.size_bytes ?? 0,
    },
  }
}

function unquoted(identifierText: string): string {
  return identifierText.startsWith('"') ? identifierText.slice(1, -1).replaceAll('""', '"') : identifierText
}
