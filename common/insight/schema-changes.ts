import { z } from 'zod'
import { maxInsightBody } from './insight-report.ts'

/** Most bytes of the objects of one report when they are unpacked. */
export const maxUnpackedObjects = 16 * 1024 * 1024
/** Of them packed: what else a report has leaves them this much. */
export const maxPackedObjects = maxInsightBody / 2

const text = z.string()

/** Who changed something, and how, as it was seen while it happened or told by an event trigger. */
export const schemaAct = z.object({
  source: z.enum(['activity', 'event trigger', 'log']),
  pid: z.number().nullable(),
  actor: text.nullable(),
  application: text.nullable(),
  /** Address of the client; null for a socket. */
  client: text.nullable(),
  /** Without literals. */
  statement: text.nullable(),
  /** Of the transaction, as 32 bits. */
  xid: text.nullable(),
  /** Milliseconds since the epoch on the server's clock. */
  startedMs: z.number(),
  endedMs: z.number(),
  /** The strongest that was seen on a table or index, how long at least, and the most sessions that waited for it at one time. */
  lock: text.nullable(),
  lockMs: z.number().nullable(),
  waiters: z.number().nullable(),
})
export type SchemaAct = z.infer<typeof schemaAct>

/** An object as it is now. */
export const toldObject = z.object({
  class: text,
  oid: z.number(),
  kind: text,
  name: text,
  /** The schema or table that it belongs to. */
  parentOid: z.number().nullable(),
  parent: text.nullable(),
  /** The transaction that wrote it last, and when that was committed; null where the server does not tell. */
  xid: text.nullable(),
  committedMs: z.number().nullable(),
  facts: z.record(z.string(), z.string()),
  /** Places of those among the acts of the report that were about it, the surest first. */
  acts: z.array(z.number()),
})
export type ToldObject = z.infer<typeof toldObject>
export const toldObjects = z.array(toldObject)

/** A session whose statement has or wants a lock that others wait behind. */
export const blockedBy = z.object({
  /** The same as long as it is about the same statement. */
  key: text,
  act: schemaAct,
  isWaiting: z.boolean(),
  /** Who waits for whom, indented. */
  tree: z.array(text),
})

export const schemaChanges = z.object({
  /** Of pg_control; empty where the role may not read it. */
  system: text,
  timeline: z.number(),
  /** Empty for what belongs to the server as a whole. */
  database: text,
  databaseOid: z.number(),
  /** It changed between these two looks; milliseconds since the epoch. */
  fromMs: z.number(),
  toMs: z.number(),
  /** JSON of `toldObjects`, deflated (RFC 1951), in base64; empty for none. */
  objects: text,
  gone: z.array(
    z.object({
      class: text,
      oid: z.number(),
      acts: z.array(z.number()),
      /** Acts of that time, which were about it if they name it: the agent does not know its name. */
      maybe: z.array(z.number()),
    }),
  ),
  acts: z.array(schemaAct),
  /** What only an event trigger has seen: it left nothing that lasts. */
  commanded: z.array(
    z.object({
      key: text,
      kind: text,
      name: text,
      command: text,
      atMs: z.number(),
      acts: z.array(z.number()),
    }),
  ),
  blocked: z.array(blockedBy),
  /** A part of all objects there are; the last one has the oids of all by class, four bytes each, in base64. */
  whole: z.object({ id: text, present: z.record(z.string(), z.string()).nullable() }).nullable(),
})
export type SchemaChanges = z.infer<typeof schemaChanges>
export type BlockedBy = z.infer<typeof blockedBy>
