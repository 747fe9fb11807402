import { crc32 } from 'node:zlib'
import { z } from 'zod'
import { commandPayload } from '../../../common/command/payload.ts'
import { commandResult } from '../../../common/command/result.ts'
import type { CommandResult } from '../../../common/command/result.ts'

const id = z.uuid()

export const commandRecord = z.object({
  t: z.literal('command'),
  id,
  nonce: z.string(),
  /** SHA-256 of the payload's text. */
  payload: z.string(),
  kind: z.string(),
  risk: z.enum(['read', 'change', 'destructive']),
  mode: z.enum(['plan', 'run']),
  /** Refused by the policy or for its time: it was not let run. */
  refused: z.boolean(),
  expiresMs: z.number(),
  receivedMs: z.number(),
  /** What it asks for and who signed it, until it has ended and nothing of it is left; journals of earlier agents lack it. */
  asked: z.object({ payload: commandPayload, operators: z.array(z.string()) }).optional(),
})
export type CommandRecord = z.infer<typeof commandRecord>

/** One line of the journal. */
export const journalRecord = z.discriminatedUnion('t', [
  /** What was issued before is not remembered. */
  z.object({ t: z.literal('began'), atMs: z.number() }),
  commandRecord,
  z.object({ t: z.literal('started'), id }),
  /** It is about to change what has to be changed back unless it ends well; what the action needs for that. */
  z.object({ t: z.literal('undo'), id, noted: z.record(z.string(), z.unknown()) }),
  /** `left`: what has to be undone still is. */
  z.object({ t: z.literal('finished'), id, result: commandResult, left: z.literal(true).optional() }),
  /** What was left of it is undone, or given up. */
  z.object({ t: z.literal('settled'), id }),
  /** The collector has the result. */
  z.object({ t: z.literal('stored'), id }),
  /** Commands that expire up to this are no longer here; the latest time that was seen. */
  z.object({ t: z.literal('forgotten'), untilMs: z.number(), newestMs: z.number() }),
])
export type JournalRecord = z.infer<typeof journalRecord>

/** @param left what has to be undone still is */
export function finishedRecord(id: string, result: CommandResult, left: boolean): JournalRecord {
  return { t: 'finished', id, result, ...(left ? { left } : {}) }
}

/** CRC-32 in eight hexadecimal digits, a blank, and the record as JSON. */
export function writeRecord(record: JournalRecord): string {
  const json = JSON.stringify(record)
  return `${checksum(json)} ${json}`
}

/** undefined for a line that is damaged. */
export function readRecord(line: string): JournalRecord | undefined {
  const json = line.slice(9)
  if (line[8] !== ' ' || line.slice(0, 8) !== checksum(json)) return undefined
  try {
    const parsed = journalRecord.safeParse(JSON.parse(json))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}
