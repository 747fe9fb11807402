import { anchorFact } from '../../common/audit/anchor.ts'
import type { ChainHead } from '../../common/audit/hash-entry.ts'
import type { Clock } from '../../common/clock.ts'
import { messageOf } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { FromCollector } from '../../common/wire/channel.ts'
import type { CollectorAudit } from './journal.ts'

/**
 * Writes down in each audit how far the other is, now and then: neither end can then cut off the end of its own, or make
 * all of it anew, without the other showing it.
 */
export interface Anchoring extends AsyncDisposable {
  connected(node: string): void
  /** The copy of a node's audit has entries that are worth an anchor. */
  advanced(node: string): void
}

export interface AnchoringOptions {
  readonly clock: Clock
  readonly log: Log
  readonly audit: CollectorAudit
  readonly send: (node: string, message: FromCollector) => boolean
  readonly connectedNodes: () => Iterable<string>
  /** How far a node's audit is here. */
  readonly headOf: (node: string) => ChainHead | undefined
}

/** Anchors make entries themselves, which are not worth another one; what is, is anchored at most so often. */
const anchorEveryMs = 3_600_000
const turnMs = 60_000

export function createAnchoring(options: AnchoringOptions): Anchoring {
  const { clock, log, audit, send } = options
  const waiting = new Set<string>()
  const anchoredAt = new Map<string, number>()
  /** What each node was told last of the collector's audit, and when. */
  const told = new Map<string, { readonly seq: number; readonly atMs: number }>()
  const stop = new AbortController()
  let anchors = 0
  let anchorsSeen = { seq: audit.head.seq, anchors }

  const tell = (node: string) => {
    const { seq, hash } = audit.head
    const last = told.get(node)
    if (seq === 0 || last?.seq === seq) return
    if (last !== undefined && clock.monotonic() - last.atMs < anchorEveryMs) return
    if (send(node, { type: 'audit-head', seq, hash })) told.set(node, { seq, atMs: clock.monotonic() })
  }
  const anchor = async (node: string) => {
    const head = options.headOf(node)
    const nowMs = clock.monotonic()
    if (head === undefined || nowMs - (anchoredAt.get(node) ?? -Infinity) < anchorEveryMs) return
    waiting.delete(node)
    anchoredAt.set(node, nowMs)
    try {
      await audit.append(anchorFact(node, head))
      anchors++
    } catch (error) {
      anchoredAt.delete(node)
      waiting.add(node)
      log.error({ node, error: messageOf(error) }, 'audit: an anchor could not be written')
    }
  }
  const turn = async () => {
    await Promise.all([...waiting].map(anchor))
    const { seq } = audit.head
    // Where only anchors were added, telling of them would go back and forth for ever.
    const more = seq - anchorsSeen.seq > anchors - anchorsSeen.anchors
    if (more) {
      for (const node of options.connectedNodes()) tell(node)
    }
    anchorsSeen = { seq: more ? seq : anchorsSeen.seq, anchors: more ? anchors : anchorsSeen.anchors }
  }
  const turnForEver = async () => {
    while (!stop.signal.aborted) {
      await clock.sleep(turnMs, stop.signal)
      await turn()
    }
  }
  const turning = turnForEver()

  return {
    connected: tell,
    advanced: (node) => void waiting.add(node),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await turning
    },
  }
}
