import { z } from 'zod'

/**
 * How something changed. `rewritten` has new files and is otherwise as it was (TRUNCATE, VACUUM FULL, REINDEX); `replaced` was dropped and
 * made again under its name; `commanded` was told by an event trigger and left nothing behind.
 */
export const ddlChangeKinds = [
  'created',
  'dropped',
  'altered',
  'renamed',
  'moved',
  'replaced',
  'rewritten',
  'commanded',
] as const
export const ddlChangeKind = z.enum(ddlChangeKinds)
export type DdlChangeKind = z.infer<typeof ddlChangeKind>

const facts = z.record(z.string(), z.string())

/** One change of one object, from all that saw it. */
export const ddlChange = z.object({
  /** Grows with each change that this collector was told of. */
  seq: z.number(),
  cluster: z.string(),
  /** The ins label of the primary that told it. */
  server: z.string(),
  /** Empty for roles, databases and what else belongs to a server as a whole. */
  database: z.string(),
  /** Milliseconds since the epoch: of the commit where it is known, else the latest that it can be. */
  atMs: z.number(),
  /** It was between these. */
  fromMs: z.number(),
  toMs: z.number(),
  change: ddlChangeKind,
  kind: z.string(),
  /** `public.orders`, or `orders_pkey on public.orders`. */
  object: z.string(),
  /** As it was called before; null unless that has changed. */
  formerly: z.string().nullable(),
  class: z.string(),
  oid: z.number(),
  /** Only facts that changed; of what was created or dropped all of them. */
  before: facts,
  after: facts,
  seenBy: z.array(z.enum(['catalogue', 'activity', 'event trigger', 'log'])),
  actor: z.string().nullable(),
  application: z.string().nullable(),
  client: z.string().nullable(),
  pid: z.number().nullable(),
  statement: z.string().nullable(),
  xid: z.string().nullable(),
  lock: z.string().nullable(),
  lockMs: z.number().nullable(),
  waiters: z.number().nullable(),
  /** What belongs to it and changed with it in the same way, such as its partitions. */
  parts: z.number(),
  /** Of what was replaced: as it was numbered before. */
  formerOid: z.number().nullable(),
})
export type DdlChange = z.infer<typeof ddlChange>

/** What of the history is asked for. */
export interface DdlQuery {
  readonly cluster?: string
  readonly database?: string
  readonly kind?: string
  /** A name with or without its schema; `*` stands for anything. */
  readonly object?: string
  /** Of what changed with something else. */
  readonly under?: number
  readonly actor?: string
  readonly changes?: readonly DdlChangeKind[]
  readonly sinceMs?: number
  readonly untilMs?: number
  /** Only changes with a higher number. */
  readonly after?: number
  readonly limit: number
}

/** GET /api/v1/ddl: the newest first. */
export const ddlAnswer = z.object({ status: z.literal('success'), data: z.array(ddlChange) })
/** GET /api/v1/ddl/<seq>. */
export const oneDdlAnswer = z.object({ status: z.literal('success'), data: ddlChange })

/** One object at an instant. */
export const ddlObject = z.object({
  database: z.string(),
  class: z.string(),
  oid: z.number(),
  kind: z.string(),
  object: z.string(),
  facts,
})
export type DdlObject = z.infer<typeof ddlObject>

/** GET /api/v1/ddl/state?cluster=&database=&at=&object=&limit=. */
export const ddlStateAnswer = z.object({
  status: z.literal('success'),
  data: z.object({
    /** The history of this database begins here; what it was like before nobody knows. */
    knownSinceMs: z.number(),
    objects: z.array(ddlObject),
    isCut: z.boolean(),
  }),
})

/** How one object differs between two instants; `before` is null where it did not exist yet, `after` where it does not any more. */
export const ddlDifference = z.object({
  database: z.string(),
  kind: z.string(),
  object: z.string(),
  formerly: z.string().nullable(),
  before: facts.nullable(),
  after: facts.nullable(),
})
export type DdlDifference = z.infer<typeof ddlDifference>

/** GET /api/v1/ddl/diff?cluster=&database=&from=&to=. */
export const ddlDiffAnswer = z.object({
  status: z.literal('success'),
  data: z.object({ knownSinceMs: z.number(), differences: z.array(ddlDifference) }),
})
