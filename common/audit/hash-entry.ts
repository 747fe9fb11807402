import { digestOf } from '../command/digest.ts'
import type { AuditEntry, AuditFact } from './entry.ts'

/** What the first entry of a chain has as `prev`. */
export const beforeFirst = '0'.repeat(64)

/** Where a chain ends: the newest entry's number and hash; 0 and zeros for one that is empty. */
export interface ChainHead {
  readonly seq: number
  readonly hash: string
}
export const emptyHead: ChainHead = { seq: 0, hash: beforeFirst }

/** The entry that follows `head`. */
export function nextEntry(head: ChainHead, atMs: number, fact: AuditFact): AuditEntry {
  const entry = { ...fact, seq: head.seq + 1, atMs, prev: head.hash }
  return { ...entry, hash: digestOf(entry) }
}

/** Whether an entry's hash is that of its content. */
export function hasTrueHash({ hash, ...rest }: AuditEntry): boolean {
  return digestOf(rest) === hash
}
