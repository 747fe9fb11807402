import type { Clock } from '../../../../common/clock.ts'
import { toPgherdError } from '../../../../common/errors.ts'
import type { ActionSession } from '../../../postgres/action-session.ts'
import { reportTimeoutMs } from '../report.ts'
import { blockSql } from './block-sql.ts'
import type { BlockRow } from './block-sql.ts'

/** What was read of the newest WAL: a row for each file of a relation. */
export interface WalWindow {
  readonly from: bigint
  readonly to: bigint
  readonly rows: readonly BlockRow[]
  /** Why it begins later than asked. */
  readonly cut: string | undefined
}

/** Of one statement: some ten thousand small records, which the server keeps in memory or a small temporary file. */
const chunkBytes = 4n * 1024n * 1024n
/** Of all statements together; a command has 30 s. */
const budgetMs = 15_000

const newest = `
select case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_flush_lsn() end`

/**
 * Reads back from the newest record, in chunks that begin where a record does, until `bytes` are read, the time is over, or older WAL is gone.
 * @param schema of pg_walinspect, quoted
 * @throws PgherdError of `ActionSession.read` for the first chunk
 */
export async function readWindow(
  { session, clock, signal }: { session: ActionSession; clock: Clock; signal: AbortSignal },
  schema: string,
  bytes: number,
): Promise<WalWindow> {
  const { rows } = await session.read({ text: newest }, reportTimeoutMs)
  const to = parseLsn(rows[0]?.[0] ?? '0/0')
  const least = to - BigInt(bytes)
  const text = blockSql(schema, session.versionNumber)
  const untilMs = clock.monotonic() + budgetMs
  const sums = new Map<string, BlockRow>()
  let from = to
  while (from > least) {
    signal.throwIfAborted()
    if (clock.monotonic() > untilMs) return { from, to, rows: [...sums.values()], cut: tooSlow }
    const begin = from - chunkBytes > least ? from - chunkBytes : least
    try {
      const values = [printLsn(begin), printLsn(from)]
      const chunk = await session.read({ text, values }, reportTimeoutMs)
      for (const row of chunk.rows) add(sums, row)
      // A record that only ends in this chunk is read with the next one.
      from = firstOf(chunk.rows.map((row) => row[7]!)) ?? begin
    } catch (error) {
      const failure = toPgherdError(error)
      if (from === to || failure.code === 'CANCELLED') throw error
      const cut =
        failure.code === 'TIMED_OUT' ? tooSlow : `what is older could not be read: ${failure.message}`
      return { from, to, rows: [...sums.values()], cut }
    }
    if (begin === least) break
  }
  return { from, to, rows: [...sums.values()], cut: undefined }
}

const tooSlow = 'reading more would have taken too long'

function add(sums: Map<string, BlockRow>, row: readonly (string | null)[]): void {
  const [tablespace = '', database = '', filenode = '', ...figures] = row.map((cell) => cell ?? '')
  const [bytes = 0, imageBytes = 0, images = 0, records = 0] = figures.map(Number)
  const key = `${tablespace}/${database}/${filenode}`
  const before = sums.get(key)
  sums.set(key, {
    tablespace,
    database,
    filenode,
    bytes: bytes + (before?.bytes ?? 0),
    imageBytes: imageBytes + (before?.imageBytes ?? 0),
    images: images + (before?.images ?? 0),
    records: records + (before?.records ?? 0),
  })
}

function firstOf(positions: readonly string[]): bigint | undefined {
  let first: bigint | undefined
  for (const position of positions.map(parseLsn))
    if (first === undefined || position < first) first = position
  return first
}

/** `16/B374D848`: two halves of 32 bits in hexadecimal (pg_lsn, PostgreSQL documentation 8.20). */
function parseLsn(text: string): bigint {
  const [high = '0', low = '0'] = text.split('/')
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)
}

export function printLsn(position: bigint): string {
  return `${(position >> 32n).toString(16)}/${(position & 0xffff_ffffn).toString(16)}`.toUpperCase()
}
