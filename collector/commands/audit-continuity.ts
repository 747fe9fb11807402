import type { AuditEntry } from '../../common/audit/entry.ts'
import type { MirrorPosition } from './mirror-store.ts'

/** What an entry is to the copy that ends at a position. */
export type Continuation = 'continues' | 'repeated' | 'gap' | 'rewritten'

/**
 * @param hashAt the hash of an entry that is in the copy
 */
export function continuationOf(
  { epoch, seq, hash }: MirrorPosition,
  entry: AuditEntry,
  hashAt: (epoch: number, seq: number) => string | undefined,
): Continuation {
  if (entry.seq === seq + 1) return entry.prev === hash ? 'continues' : 'rewritten'
  if (entry.seq > seq + 1) return 'gap'
  return hashAt(epoch, entry.seq) === entry.hash ? 'repeated' : 'rewritten'
}
