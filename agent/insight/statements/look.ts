import { PgherdError } from '../../../common/errors.ts'
import { columnCount, keyBytes } from './counters-query.ts'

/** All counters at one time. */
export interface Look {
  /** Seconds on the server's clock: of the look, of the server's start, of the latest reset of all statements. */
  readonly takenAt: number
  readonly startedAt: number
  readonly resetAt: number | undefined
  /** How often statements were forgotten so far. */
  readonly evictions: number | undefined
  readonly count: number
  /** `keyBytes` each. */
  readonly keys: Buffer
  /** By `column`, and in it by statement. */
  readonly values: readonly Float64Array[]
}

/**
 * The answer to `countersQuery`.
 * @throws PgherdError BAD_DATA
 */
export function readLook(row: readonly (string | null)[] | undefined): Look {
  const [takenAt, startedAt, resetAt, evictions, keyText, ...texts] = row ?? []
  const keys = Buffer.from(keyText ?? '', 'base64')
  const count = keys.length / keyBytes
  const values = texts.map(readNumbers)
  const whole = values.length === columnCount && values.every(({ length }) => length === count)
  if (!whole || takenAt === undefined || startedAt === undefined) {
    throw new PgherdError('BAD_DATA', 'the counters of statements are not in the shape that was asked for')
  }
  return {
    takenAt: Number(takenAt),
    startedAt: Number(startedAt),
    resetAt: numberOf(resetAt),
    evictions: numberOf(evictions),
    ...{ count, keys, values },
  }
}

export interface RowKey {
  readonly dbid: number
  readonly queryid: string
  /** Both in one. */
  readonly fingerprint: string
  readonly toplevel: boolean
}

/** Of which statement a key is. */
export function readKey(keys: Buffer, index: number): RowKey {
  const at = index * keyBytes
  const dbid = keys.readUInt32BE(at + 4)
  const queryid = String(keys.readBigInt64BE(at + 8))
  return {
    ...{ dbid, queryid, fingerprint: `${String(dbid)}/${queryid}` },
    toplevel: keys[at + 16] === 1,
  }
}

/** As text, to look it up. */
export function keyText(keys: Buffer, index: number): string {
  return keys.toString('latin1', index * keyBytes, (index + 1) * keyBytes)
}

/** Sent with the highest byte first. */
function readNumbers(text: string | null): Float64Array {
  const sent = Buffer.from(text ?? '', 'base64')
  const numbers = new Float64Array(Math.ceil(sent.length / 8))
  const bytes = Buffer.from(numbers.buffer)
  bytes.set(sent)
  bytes.swap64()
  return numbers
}

function numberOf(text: string | null | undefined): number | undefined {
  return text === null || text === undefined ? undefined : Number(text)
}
