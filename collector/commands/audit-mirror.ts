import type { AuditEntry } from '../../common/audit/entry.ts'
import { hasTrueHash } from '../../common/audit/hash-entry.ts'
import type { Clock } from '../../common/clock.ts'
import { messageOf } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { createFrameBudget } from '../../common/wire/frame-budget.ts'
import type { FrameBudget } from '../../common/wire/frame-budget.ts'
import type { FromCollector } from '../../common/wire/channel.ts'
import { continuationOf } from './audit-continuity.ts'
import type { Journal } from './journal.ts'
import type { BreakKind, MirrorPosition, MirrorStore } from './mirror-store.ts'

/** The collector's copy of each agent's audit: what an agent has once told, it cannot take back unnoticed. */
export interface AuditMirror extends Disposable {
  /** Tells the agent how far its audit is here. */
  connected(node: string): void
  take(node: string, entries: readonly AuditEntry[]): void
  /** The newest entry of each node's audit that is here. */
  position(node: string): MirrorPosition | undefined
  /** `<node>` is the newest epoch of its audit, `<node>~<epoch>` an earlier one. */
  chains(): string[]
  /** Undefined for a chain that is not here. */
  read(chain: string, afterSeq: number, limit: number): readonly AuditEntry[] | undefined
  /** How often a node's audit did not continue as it had begun. */
  breaks(node: string): number
  /** The same for all nodes for which there is something to say. */
  broken(): ReadonlyMap<string, number>
  stats(): { readonly entries: number; readonly breaks: Readonly<Record<BreakKind, number>> }
}

export interface AuditMirrorOptions {
  readonly clock: Clock
  readonly log: Log
  readonly store: MirrorStore
  readonly journal: Journal
  readonly send: (node: string, message: FromCollector) => boolean
  readonly disconnect: (node: string, reason: string) => void
  /** Entries that do more than anchor another chain are here now. */
  readonly onAdvanced: (node: string) => void
  /** Once for each entry that is here now. */
  readonly onEntry?: (node: string, entry: AuditEntry) => void
  /** Entries of one agent: a backlog at once, and then far more than commands make. */
  readonly pace?: { readonly perSecond: number; readonly burst: number }
}

const start: MirrorPosition = { epoch: 1, seq: 0, hash: '0'.repeat(64) }

/** An agent whose audit breaks more often is taken no more of: each break costs a copy. */
const maxEpochs = 100

const usualPace = { perSecond: 10, burst: 50_000 }

export function createAuditMirror(options: AuditMirrorOptions): AuditMirror {
  const { clock, log, store, journal, send, disconnect } = options
  const positions = new Map<string, MirrorPosition>()
  const budgets = new Map<string, FrameBudget>()
  const epochs = new Map(store.epochs().map(({ node, all }) => [node, new Set(all)]))
  const breaksOf = new Map(store.breaks())
  /** Nodes that are asked for more of theirs later. */
  const asking = new Set<string>()
  const stop = new AbortController()
  /** Nodes of whose audit no more is copied. */
  const full = new Set<string>()
  const counters = { entries: 0, breaks: { gap: 0, rewritten: 0, altered: 0 } }

  const positionOf = (node: string): MirrorPosition => {
    const known = positions.get(node) ?? store.newest(node) ?? start
    positions.set(node, known)
    return known
  }
  const tell = (node: string) => {
    const { seq, hash } = store.newest(node) ?? start
    send(node, { type: 'audit-stored', seq, hash: seq === 0 ? null : hash })
  }
  /** Milliseconds until so many entries can be taken; 0 when they are. */
  const takeOrWait = (node: string, entries: number): number => {
    const nowMs = clock.monotonic()
    const budget = budgets.get(node) ?? createFrameBudget(options.pace ?? usualPace, nowMs)
    budgets.set(node, budget)
    return budget.take(nowMs, entries) ? 0 : Math.ceil(budget.waitMs(nowMs, entries)) + 1
  }
  /** The agent sends them again when it hears how far its audit is here. Its channel, and its commands, go on meanwhile. */
  const askLater = async (node: string, waitMs: number): Promise<void> => {
    if (asking.has(node)) return
    asking.add(node)
    await clock.sleep(waitMs, stop.signal)
    asking.delete(node)
    if (!stop.signal.aborted) tell(node)
  }
  const noteBreak = (node: string, kind: BreakKind, at: MirrorPosition, detail: string) => {
    counters.breaks[kind]++
    breaksOf.set(node, (breaksOf.get(node) ?? 0) + 1)
    log.error(
      { node, kind, seq: at.seq, detail },
      "audit: an agent's audit does not continue as it had begun",
    )
    return () => store.insertBreak(node, at, kind, clock.now(), detail)
  }

  /** Puts what continues the copy into it, and what does not behind a break. */
  const follow = (node: string, entries: readonly AuditEntry[]) => {
    const writes: (() => void)[] = []
    const taken: AuditEntry[] = []
    const added = new Map<string, string>()
    const hashAt = (epoch: number, seq: number) =>
      added.get(`${epoch} ${seq}`) ?? store.hashAt(node, epoch, seq)
    let position = positionOf(node)
    let advanced = false
    for (const entry of entries) {
      if (!hasTrueHash(entry)) {
        writes.push(
          noteBreak(node, 'altered', { ...position, seq: entry.seq }, 'its hash is that of something else'),
        )
        break
      }
      const step = continuationOf(position, entry, hashAt)
      if (step === 'repeated') continue
      if (step !== 'continues') {
        if (position.epoch >= maxEpochs) {
          if (!full.has(node)) {
            log.error(
              { node, breaks: maxEpochs },
              "audit: an agent's audit broke too often; it is copied no more",
            )
          }
          full.add(node)
          break
        }
        const epoch = position.epoch + 1
        const detail = `entry ${entry.seq} came after entry ${position.seq}`
        writes.push(noteBreak(node, step, { epoch, seq: entry.seq, hash: entry.hash }, detail))
        position = { epoch, seq: entry.seq, hash: entry.hash }
      } else position = { ...position, seq: entry.seq, hash: entry.hash }
      const { epoch } = position
      added.set(`${epoch} ${entry.seq}`, entry.hash)
      epochs.set(node, (epochs.get(node) ?? new Set()).add(epoch))
      advanced ||= entry.event !== 'anchored'
      counters.entries++
      taken.push(entry)
      writes.push(() => store.insert(node, epoch, entry))
    }
    positions.set(node, position)
    return { writes, taken, advanced }
  }

  return {
    connected(node) {
      tell(node)
    },
    take(node, entries) {
      const waitMs = takeOrWait(node, entries.length)
      if (waitMs > 0) {
        void askLater(node, waitMs)
        return
      }
      const { writes, taken, advanced } = follow(node, entries)
      const write = () => {
        for (const one of writes) one()
      }
      journal.add({ facts: [], write }).then(
        () => {
          tell(node)
          if (advanced) options.onAdvanced(node)
          for (const entry of taken) options.onEntry?.(node, entry)
        },
        (error: unknown) => {
          positions.delete(node)
          log.error({ node, error: messageOf(error) }, "audit: an agent's audit could not be stored")
          disconnect(node, 'its audit cannot be stored now')
        },
      )
    },
    position: (node) => store.newest(node),
    chains: () =>
      [...epochs]
        .flatMap(([node, all]) => {
          const newest = Math.max(...all)
          return [...all].map((epoch) => (epoch === newest ? node : `${node}~${epoch}`))
        })
        .sort(),
    read(chain, afterSeq, limit) {
      const newest = store.newest(chain)
      if (newest !== undefined) return store.read(chain, newest.epoch, afterSeq, limit)
      const mark = chain.lastIndexOf('~')
      const [node, epoch] = [chain.slice(0, Math.max(0, mark)), Number(chain.slice(mark + 1))]
      return epochs.get(node)?.has(epoch) === true ? store.read(node, epoch, afterSeq, limit) : undefined
    },
    breaks: (node) => breaksOf.get(node) ?? 0,
    broken: () => breaksOf,
    stats: () => counters,
    [Symbol.dispose]: () => stop.abort(),
  }
}
