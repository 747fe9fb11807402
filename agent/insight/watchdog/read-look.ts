import { z } from 'zod'
import type { Connection } from '../../postgres/connection.ts'
import { exclusiveStatement, leftoversStatement, lookStatement } from './look-query.ts'
import type { Leftover, Look, Session } from './session.ts'

export interface LookOptions {
  /** As server_version_num. */
  readonly versionNumber: number
  /** What a session has been for less is of no interest. */
  readonly leastMs: number
  /** Whether a rule asks who holds an ACCESS EXCLUSIVE lock. */
  readonly withExclusive: boolean
  readonly withLeftovers: boolean
  /** Monotonic clock of this host, milliseconds. */
  readonly atMs: number
}

/** Of one statement. */
const limitMs = 2_000

/** @throws PgherdError of `Connection.query` */
export async function readLook(connection: Pick<Connection, 'query'>, options: LookOptions): Promise<Look> {
  const { versionNumber, leastMs, withExclusive, withLeftovers, atMs } = options
  const { rows } = await connection.query(lookStatement(versionNumber, leastMs), limitMs)
  const own = rows.find((row) => row[22] != null)
  const serverMs = own === undefined ? undefined : Number(own[22])
  const sessions = rows.filter((row) => row !== own).map(sessionOf)
  let exclusive: ReadonlySet<number> = new Set()
  if (withExclusive && sessions.length > 0) {
    const pids = sessions.map(({ pid }) => pid)
    const holders = await connection.query(exclusiveStatement(pids), limitMs)
    exclusive = new Set(holders.rows.map(([pid]) => Number(pid)))
  }
  const found = withLeftovers ? await connection.query(leftoversStatement(versionNumber), limitMs) : undefined
  return { atMs, serverMs, sessions, exclusive, leftovers: found?.rows.map(leftoverOf) }
}

type Row = readonly (string | null)[]

function sessionOf(row: Row): Session {
  const text = (index: number): string => row[index] ?? ''
  const orNull = (index: number): number | null => (row[index] == null ? null : Number(row[index]))
  return {
    pid: Number(row[0]),
    backendStart: text(1),
    database: text(2),
    role: text(3),
    application: text(4),
    client: text(5),
    backendType: text(6),
    state: text(7),
    wait: text(8),
    isSuperuser: row[9] === 'true',
    mayReplicate: row[10] === 'true',
    transactionStart: row[11] ?? null,
    queryStart: row[12] ?? null,
    stateChange: row[13] ?? null,
    stateMs: orNull(14) ?? 0,
    transactionMs: orNull(15) ?? 0,
    queryMs: orNull(16) ?? 0,
    xminAge: orNull(17),
    leader: orNull(18),
    blockers: text(19).split(' ').filter(Boolean).map(Number),
    copiedBytes: orNull(20),
    isCopy: row[21] === 'true',
  }
}

const facts = z.record(z.string(), z.union([z.string(), z.number(), z.null()]))

function leftoverOf([name, kind, database, role, ageMs, known]: Row): Leftover {
  return {
    case: kind === 'inactive-slot' ? 'inactive-slot' : 'prepared-transaction',
    name: name ?? '',
    database: database ?? '',
    role: role ?? '',
    ageMs: ageMs == null ? null : Number(ageMs),
    facts: Object.fromEntries(
      Object.entries(facts.parse(JSON.parse(known ?? '{}'))).flatMap(([key, value]) =>
        value === null ? [] : [[key, String(value)]],
      ),
    ),
  }
}
