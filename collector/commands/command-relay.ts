import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import type { FromCollector } from '../../common/wire/channel.ts'
import { createAgentReports } from './agent-reports.ts'
import type { AgentReports } from './agent-reports.ts'
import { createCommandBook } from './command-book.ts'
import { createCommandQueue } from './command-queue.ts'
import type { CommandQueue } from './command-queue.ts'
import { openCommandStore } from './command-store.ts'
import type { RetentionLimits } from './command-store.ts'
import { endOverdue, forgetOldest } from './command-sweep.ts'
import { createCommandViews } from './command-views.ts'
import type { CommandViews } from './command-views.ts'
import { createDelivery } from './delivery.ts'
import { createJournal } from './journal.ts'
import type { CollectorAudit, Journal } from './journal.ts'
import { createWaiting } from './waiting.ts'
import type { WaitForCommands } from './waiting.ts'

/** From operators to agents and back: commands are kept, delivered and answered; nothing here can make one. */
export interface CommandRelay extends AsyncDisposable {
  readonly queue: CommandQueue
  readonly views: CommandViews
  readonly wait: WaitForCommands
  readonly journal: Journal
  readonly reports: AgentReports
  /** An agent has introduced itself: what waits for it is sent. */
  connected(node: string): void
  /** By state, of those that have no result. */
  underWay(): Readonly<Record<string, number>>
}

export interface CommandRelayOptions {
  readonly database: DatabaseSync
  readonly audit: CollectorAudit
  readonly clock: Clock
  readonly log: Log
  readonly isKnownNode: (node: string) => boolean
  /** False when the node's channel is not open. */
  readonly send: (node: string, message: FromCollector) => boolean
  readonly disconnect: (node: string, reason: string) => void
  readonly retention?: Partial<RetentionLimits>
}

const defaultRetention: RetentionLimits = {
  maxAgeMs: 90 * 86_400_000,
  maxCommands: 100_000,
  maxBytes: 2 ** 30,
}
const sweepMs = 1_000
const sweepsPerTrim = 600

export function createCommandRelay(options: CommandRelayOptions): CommandRelay {
  const { clock, log, send, disconnect } = options
  const store = openCommandStore(options.database)
  const book = createCommandBook(store, clock)
  const journal = createJournal({ audit: options.audit, transaction: (run) => store.transaction(run) })
  const views = createCommandViews(store, book)
  const delivery = createDelivery({ book, clock, send, signedText: (id) => views.signed(id) })
  const queue = createCommandQueue({
    clock,
    store,
    book,
    journal,
    isKnownNode: options.isKnownNode,
    onQueued: (node) => delivery.pump(node),
  })
  const reports = createAgentReports({
    clock,
    log,
    store,
    book,
    journal,
    send,
    disconnect,
    onReceived: (node, id) => delivery.received(node, id),
  })
  const isKnown = (ids: readonly string[]): string | undefined => {
    const known = store.versions(ids)
    return ids.find((id) => !known.has(id))
  }

  const stop = new AbortController()
  const sweepForEver = async () => {
    const sweep = {
      clock,
      log,
      store,
      book,
      journal,
      retention: { ...defaultRetention, ...options.retention },
    }
    for (let turn = 0; !stop.signal.aborted; turn++) {
      if (turn % sweepsPerTrim === 0) forgetOldest(sweep)
      await endOverdue(sweep)
      delivery.resend()
      await clock.sleep(sweepMs, stop.signal)
    }
  }
  const sweeping = sweepForEver()

  return {
    queue,
    views,
    wait: createWaiting({ clock, book, views, isKnown }),
    journal,
    reports,
    connected: (node) => delivery.connected(node),
    underWay() {
      const states: Record<string, number> = { held: 0, queued: 0, delivered: 0, running: 0 }
      for (const { state } of book.all()) states[state] = (states[state] ?? 0) + 1
      return states
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await sweeping
      await journal.settled()
    },
  }
}
