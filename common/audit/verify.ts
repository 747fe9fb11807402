import type { Anchor } from './anchor.ts'
import type { AuditEntry } from './entry.ts'
import { emptyHead, hasTrueHash } from './hash-entry.ts'
import type { ChainHead } from './hash-entry.ts'

/** Something that is wrong with a chain. */
export interface Finding {
  readonly kind: 'altered' | 'removed' | 'moved' | 'inserted' | 'cut-off' | 'rewritten'
  /** The entry that it is about. */
  readonly seq: number
  /** One sentence. */
  readonly text: string
}

export interface ChainVerifier {
  /** Each entry, in the order in which the chain has them. */
  take(entry: AuditEntry): void
  finish(): ChainReport
}

export interface ChainReport {
  readonly entries: number
  readonly head: ChainHead
  /** The first hundred. */
  readonly findings: readonly Finding[]
}

const maxFindings = 100
const maxRemembered = 10_000

/**
 * Follows a chain and tells where it is not as it was written. A chain alone cannot show that its end was cut off, nor
 * that all of it was made anew; anchors, which another chain has kept, do.
 * @param anchors of this chain
 */
export function createChainVerifier(anchors: readonly Anchor[] = []): ChainVerifier {
  const findings: Finding[] = []
  const find = (kind: Finding['kind'], seq: number, text: string) => {
    if (findings.length < maxFindings) findings.push({ kind, seq, text })
  }
  const wanted = Map.groupBy(anchors, ({ seq }) => seq)
  const missing = new Map<number, Finding>()
  let entries = 0
  let last: ChainHead = emptyHead
  /** Of a second entry with the number of `last`: which of the two is genuine shows in what follows. */
  let twin: string | undefined
  /** In the file; `last` is the newest by number. */
  let before: ChainHead = emptyHead

  const checkAnchors = (entry: AuditEntry) => {
    for (const anchor of wanted.get(entry.seq) ?? []) {
      if (anchor.hash !== entry.hash) {
        const when = new Date(anchor.atMs).toISOString()
        find('rewritten', entry.seq, `entry ${entry.seq} is not the one that was anchored at ${when}`)
        return
      }
    }
  }

  return {
    take(entry) {
      entries++
      const { seq } = entry
      const isTrue = hasTrueHash(entry)
      if (!isTrue) find('altered', seq, `entry ${seq} was altered: its hash is that of something else`)
      const removed = missing.get(seq)
      if (removed !== undefined) {
        missing.delete(seq)
        findings.splice(findings.indexOf(removed), 1)
        find('moved', seq, `entry ${seq} stands behind entry ${before.seq}`)
      } else if (seq <= last.seq) {
        find('inserted', seq, `an entry ${seq} stands behind entry ${before.seq}, and there is one already`)
        if (seq === last.seq) twin = entry.hash
      } else {
        for (let gone = last.seq + 1; gone < seq && missing.size < maxRemembered; gone++) {
          if (findings.length >= maxFindings) break
          const finding: Finding = { kind: 'removed', seq: gone, text: `entry ${gone} is missing` }
          findings.push(finding)
          missing.set(gone, finding)
        }
        if (isTrue && seq === last.seq + 1 && entry.prev !== last.hash && entry.prev !== twin) {
          const text =
            last.seq === 0
              ? `entry 1 does not begin a chain`
              : `entry ${seq} follows another entry than this ${last.seq}: that one was altered, and its hash made anew`
          if (!findings.some((one) => one.seq === last.seq && one.kind === 'altered')) {
            find('altered', Math.max(1, last.seq), text)
          }
        }
        last = { seq, hash: entry.hash }
        twin = undefined
      }
      before = { seq, hash: entry.hash }
      checkAnchors(entry)
    },
    finish() {
      const newest = Math.max(0, ...wanted.keys())
      if (newest > last.seq) {
        const text = `the chain ends with entry ${last.seq}, and there was an entry ${newest}: its end was cut off`
        find('cut-off', last.seq + 1, text)
      }
      return { entries, head: last, findings: [...findings] }
    },
  }
}
