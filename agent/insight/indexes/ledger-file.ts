import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import { z } from 'zod'
import { PgherdError, messageOf, systemCodeOf } from '../../../common/errors.ts'
import { packColumns, unpackColumns } from '../../../common/insight/index-columns.ts'
import { writeFileDurably } from '../../../common/write-file-durably.ts'
import { maxGaps } from './gaps.ts'
import type { Ledger } from './ledger.ts'

const moment = z.number().nullable()
const head = z.object({
  format: z.literal(1),
  system: z.string(),
  databaseOid: z.number(),
  beganMs: z.number(),
  atMs: z.number(),
  resets: z.object({ databaseMs: moment, serverMs: moment }),
  counts: z.boolean(),
  gaps: z.array(z.tuple([z.number(), z.number()])).max(maxGaps),
  count: z.int().min(0).max(10_000_000),
  checksum: z.number(),
})

const fileOf = (directory: string, databaseOid: number): string => join(directory, `ledger-${databaseOid}`)

/**
 * Keeps the ledger of one database, in place of the one before.
 * @throws PgherdError DISK_FULL or DIRECTORY_UNUSABLE
 */
export async function writeLedger(directory: string, ledger: Ledger): Promise<void> {
  const { columns, rawScans, rawFetched, ...about } = ledger
  const counters = Buffer.concat([
    Buffer.from(rawScans.buffer, rawScans.byteOffset, rawScans.byteLength),
    Buffer.from(rawFetched.buffer, rawFetched.byteOffset, rawFetched.byteLength),
  ])
  const body = `${packColumns(columns)}\n${deflateRawSync(counters).toString('base64')}\n`
  const line = JSON.stringify({ format: 1, ...about, count: columns.oids.length, checksum: crc32(body) })
  await writeFileDurably(fileOf(directory, ledger.databaseOid), `${line}\n${body}`, 0o600)
}

/**
 * That of the last look; undefined where there was none.
 * @throws PgherdError STORE_CORRUPT where the file is something else, DIRECTORY_UNUSABLE where it cannot be read
 */
export async function readLedger(directory: string, databaseOid: number): Promise<Ledger | undefined> {
  const path = fileOf(directory, databaseOid)
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw new PgherdError('DIRECTORY_UNUSABLE', `cannot read ${path}: ${messageOf(error)}`, { cause: error })
  })
  if (text === undefined) return undefined
  try {
    return parseLedger(text)
  } catch (error) {
    throw new PgherdError('STORE_CORRUPT', `${path} is no ledger of indexes: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

function headOf(line: string) {
  const { system, databaseOid, beganMs, atMs, resets, counts, gaps, count, checksum } = head.parse(
    JSON.parse(line),
  )
  return { count, checksum, about: { system, databaseOid, beganMs, atMs, resets, counts, gaps } }
}

function parseLedger(text: string): Ledger {
  const end = text.indexOf('\n')
  const body = text.slice(end + 1)
  const { count, checksum, about } = headOf(text.slice(0, end))
  if (crc32(body) !== checksum) throw new PgherdError('STORE_CORRUPT', 'the checksum is another')
  const [columns = '', counters = ''] = body.split('\n')
  const bytes = inflateRawSync(Buffer.from(counters, 'base64'), { maxOutputLength: count * 16 + 1 })
  const raw = new Float64Array(Uint8Array.from(bytes).buffer)
  return {
    ...about,
    columns: unpackColumns(columns, count),
    rawScans: raw.slice(0, count),
    rawFetched: raw.slice(count, 2 * count),
  }
}
