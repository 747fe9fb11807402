import { allowedSkewMs } from '../../../common/command/payload.ts'
import type { CommandRecord, JournalRecord } from './record.ts'

/** A command that the journal remembers. */
export interface JournalEntry extends CommandRecord {
  readonly state: 'received' | 'running' | 'finished'
  /** Whether the collector has its result. */
  readonly stored: boolean
  /** Where its result lies in the file. */
  readonly result: { readonly offset: number; readonly bytes: number } | undefined
  /** What has to be undone unless it ends well, or once it has not. */
  readonly undo: Readonly<Record<string, unknown>> | undefined
}
type Entry = { -readonly [Key in keyof JournalEntry]: JournalEntry[Key] }

/** Rates of a policy look back so far at most. */
const dayMs = 86_400_000
/** A collector that is away for longer than this does not get the result. */
const unsentMs = 14 * dayMs

/** What is in the journal's file, without the results. */
export interface JournalMemory {
  readonly entries: ReadonlyMap<string, JournalEntry>
  byPayload(payload: string): JournalEntry | undefined
  hasNonce(nonce: string): boolean
  /** Commands that expire before this may have been here. */
  readonly forgottenUntilMs: number
  readonly beganMs: number | undefined
  /** The latest time that was ever seen here. */
  readonly newestMs: number
  readonly resultBytes: number
  apply(record: JournalRecord, offset: number, bytes: number): void
  /** A result lies elsewhere now. */
  move(id: string, offset: number, bytes: number): void
  remove(id: string): void
  /** Drops what can neither be valid nor be asked for any more. */
  forget(nowMs: number): void
}

export function createJournalMemory(): JournalMemory {
  const entries = new Map<string, Entry>()
  const payloads = new Map<string, string>()
  /** How many have it: a second one is remembered as refused. */
  const nonces = new Map<string, number>()
  let forgottenUntilMs = 0
  let beganMs: number | undefined
  let newestMs = 0
  let resultBytes = 0

  const remove = (id: string) => {
    const entry = entries.get(id)
    if (entry === undefined) return
    entries.delete(id)
    payloads.delete(entry.payload)
    const left = (nonces.get(entry.nonce) ?? 1) - 1
    if (left === 0) nonces.delete(entry.nonce)
    else nonces.set(entry.nonce, left)
    resultBytes -= entry.result?.bytes ?? 0
  }
  const settle = (entry: Entry) => {
    entry.undo = undefined
    delete entry.asked
  }
  return {
    entries,
    byPayload: (payload) => entries.get(payloads.get(payload) ?? ''),
    hasNonce: (nonce) => nonces.has(nonce),
    get forgottenUntilMs() {
      return forgottenUntilMs
    },
    get beganMs() {
      return beganMs
    },
    get newestMs() {
      return newestMs
    },
    get resultBytes() {
      return resultBytes
    },
    apply(record, offset, bytes) {
      if (record.t === 'began') {
        beganMs = Math.max(beganMs ?? 0, record.atMs)
        newestMs = Math.max(newestMs, record.atMs)
        return
      }
      if (record.t === 'forgotten') {
        forgottenUntilMs = Math.max(forgottenUntilMs, record.untilMs)
        newestMs = Math.max(newestMs, record.newestMs)
        return
      }
      if (record.t === 'command') {
        remove(record.id)
        entries.set(record.id, {
          ...record,
          state: 'received',
          stored: false,
          result: undefined,
          undo: undefined,
        })
        payloads.set(record.payload, record.id)
        nonces.set(record.nonce, (nonces.get(record.nonce) ?? 0) + 1)
        newestMs = Math.max(newestMs, record.receivedMs)
        return
      }
      const entry = entries.get(record.id)
      if (entry === undefined) return
      if (record.t === 'started') entry.state = 'running'
      else if (record.t === 'stored') entry.stored = true
      else if (record.t === 'undo') entry.undo = record.noted
      else if (record.t === 'settled') settle(entry)
      else {
        if (record.left !== true) settle(entry)
        resultBytes += bytes - (entry.result?.bytes ?? 0)
        entry.state = 'finished'
        entry.result = { offset, bytes }
      }
    },
    move(id, offset, bytes) {
      const entry = entries.get(id)
      if (entry !== undefined) entry.result = { offset, bytes }
    },
    remove,
    forget(nowMs) {
      for (const [id, { state, stored, expiresMs, receivedMs, undo }] of entries) {
        const keptUntil = Math.max(expiresMs + allowedSkewMs, receivedMs + (stored ? dayMs : unsentMs))
        if (state !== 'finished' || undo !== undefined || nowMs <= keptUntil) continue
        remove(id)
        forgottenUntilMs = Math.max(forgottenUntilMs, expiresMs)
      }
    },
  }
}
