import type { AuditChain } from '../../common/audit/chain.ts'
import type { AuditEntry } from '../../common/audit/entry.ts'
import { messageOf } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { FromAgent } from '../../common/wire/channel.ts'

type Send = (message: FromAgent) => void

/** The audit's way to the collector, which keeps a copy: in order, one message under way at a time. */
export interface AuditSending {
  connected(send: Send): void
  disconnected(): void
  /** How far the collector is, and the hash that it has there. */
  stored(seq: number, hash: string | null): void
  /** The chain has grown. */
  grown(): void
}

const maxEntries = 100
const maxBytes = 256 * 1024

export function createAuditSending(chain: AuditChain, log: Log): AuditSending {
  let send: Send | undefined
  /** What the collector has said to have; undefined while it has said nothing. */
  let storedSeq: number | undefined
  /** The newest entry that was sent and not yet confirmed. */
  let sentSeq: number | undefined
  let headWhenSent = 0
  /** The collector ends with an entry that is none of ours, and is told ours from the beginning. */
  let isForeign = false

  const sendNext = async (to: Send): Promise<void> => {
    if (storedSeq === undefined || sentSeq !== undefined || chain.head.seq <= storedSeq) return
    const entries: AuditEntry[] = []
    let bytes = 0
    for (const entry of await chain.read(storedSeq, maxEntries)) {
      bytes += Buffer.byteLength(JSON.stringify(entry))
      if (entries.length > 0 && bytes > maxBytes) break
      entries.push(entry)
    }
    const newest = entries.at(-1)
    if (newest === undefined || to !== send) return
    sentSeq = newest.seq
    headWhenSent = chain.head.seq
    to({ type: 'audit', entries })
  }
  let pumping = Promise.resolve()
  /** One after the other; a second that finds nothing to do costs nothing. */
  const pump = (): Promise<void> => {
    pumping = pumping.then(async () => {
      try {
        if (send !== undefined) await sendNext(send)
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'commands: the audit could not be read')
      }
    })
    return pumping
  }

  return {
    connected(to) {
      send = to
      sentSeq = undefined
      void pump()
    },
    disconnected() {
      send = undefined
      storedSeq = undefined
      sentSeq = undefined
      isForeign = false
    },
    stored(seq, hash) {
      void (async () => {
        const [entry] = seq > 0 ? await chain.read(seq - 1, 1).catch(() => []) : []
        const isOurs = seq === 0 || (entry?.seq === seq && (hash === null || entry.hash === hash))
        // Another chain than ours, of an earlier life of this host, or ours before its end was cut off: ours is told from its
        // beginning, once. What the collector has already does not move its end, so that its answers only confirm.
        const before = storedSeq
        storedSeq = isOurs ? seq : isForeign ? (sentSeq ?? storedSeq) : 0
        isForeign = !isOurs
        // It does not take the next entry (its hash is false, say): sent at once, that would go back and forth for ever.
        const isStuck = sentSeq !== undefined && storedSeq === before && chain.head.seq === headWhenSent
        sentSeq = undefined
        if (!isStuck) await pump()
      })()
    },
    grown: () => void pump(),
  }
}
