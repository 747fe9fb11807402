import type { LeftoverCase } from './cases.ts'

/** One row of pg_stat_activity, without the text of its statement. */
export interface Session extends Moment {
  readonly pid: number
  /** As PostgreSQL writes it, so that it can be compared to the microsecond. */
  readonly backendStart: string
  readonly database: string
  readonly role: string
  readonly application: string
  /** An address, or `socket`. */
  readonly client: string
  readonly backendType: string
  /** '' where it has none. */
  readonly state: string
  /** `Client:ClientRead`; '' where it does not wait. */
  readonly wait: string
  /** Or may become one by SET ROLE, or of a role that is not known any more. */
  readonly isSuperuser: boolean
  /** Of its role. */
  readonly mayReplicate: boolean
  /** Milliseconds since each; 0 where it has none. */
  readonly stateMs: number
  readonly transactionMs: number
  readonly queryMs: number
  /** Transactions since the oldest that it still needs, or its own; null without either. */
  readonly xminAge: number | null
  /** Of a parallel worker. */
  readonly leader: number | null
  /** Of those that wait for a lock: whom pg_blocking_pids names; 0 is a prepared transaction. */
  readonly blockers: readonly number[]
  /** Of a COPY that is under way; null without one, and before PostgreSQL 14. */
  readonly copiedBytes: number | null
  /** Whether its statement is a COPY, seen by its text where there is no progress to read. */
  readonly isCopy: boolean
}

/** What tells a session that goes on from one that does not, as PostgreSQL writes it. */
export interface Moment {
  readonly transactionStart: string | null
  readonly queryStart: string | null
  readonly stateChange: string | null
}

/** What nobody's session holds. */
export interface Leftover {
  readonly case: LeftoverCase
  /** Of the transaction or the slot. */
  readonly name: string
  readonly database: string
  /** Of the owner of a transaction; '' of a slot. */
  readonly role: string
  /** Milliseconds that it has been there; null for a slot, of which PostgreSQL before 17 does not tell. */
  readonly ageMs: number | null
  /** Each with its name, for a person. */
  readonly facts: Readonly<Record<string, string>>
}

/** The server at one moment. */
export interface Look {
  /** Monotonic clock of this host, milliseconds. */
  readonly atMs: number
  /** Clock of the server, milliseconds since the epoch. */
  readonly serverMs: number | undefined
  readonly sessions: readonly Session[]
  /** Process ids of those that hold an ACCESS EXCLUSIVE lock on a relation, among the sessions; empty where no rule asks. */
  readonly exclusive: ReadonlySet<number>
  /** Undefined where it was not looked for them this time. */
  readonly leftovers: readonly Leftover[] | undefined
}

/** One session, whatever becomes of its process id. */
export function keyOf({ pid, backendStart }: Pick<Session, 'pid' | 'backendStart'>): string {
  return `${pid} ${backendStart}`
}
