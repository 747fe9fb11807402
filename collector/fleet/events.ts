import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../common/clock.ts'
import { inTransaction } from '../../common/in-transaction.ts'
import { fleetEvent } from '../../common/wire/events.ts'
import type { EventQuery, FleetEvent, NewEvent } from '../../common/wire/events.ts'

/** What happened to the fleet: a bounded list for people to look through, and no audit. */
export interface Events {
  /** Keeps the event; it is written within a second, together with others. */
  add(event: NewEvent): void
  /** Writes it in the fleet's transaction that is open: it is kept with what that stores, or not at all. @throws SQLite's error */
  addWithin(event: NewEvent): void
  /** The newest first. */
  list(query: EventQuery): FleetEvent[]
  /** Writes what is only in memory. */
  flush(): void
  /** Events that were not kept: the disk was full, or too many came at once. */
  dropped(): number
}

type DatedEvent = NewEvent & { readonly atMs: number }

export interface EventLimits {
  readonly maxEvents: number
  readonly maxAgeMs: number
  /** In memory, between two writes. */
  readonly maxWaiting: number
}

const defaults: EventLimits = { maxEvents: 100_000, maxAgeMs: 90 * 86_400_000, maxWaiting: 10_000 }

/** A thousand agents that connect at one time are one transaction, not a thousand syncs of the disk. */
const writeAfterMs = 1_000

/** Texts come from others, and are for one line. */
const maxText = 500

export function openEvents(
  database: DatabaseSync,
  options: {
    readonly clock: Clock
    /** Ends the waiting for a moment to write. */
    readonly signal: AbortSignal
    readonly limits?: Partial<EventLimits>
  },
): Events {
  const { clock, signal } = options
  const limits = { ...defaults, ...options.limits }
  const insert = database.prepare(
    `INSERT INTO events (at_ms, type, node, cluster, text, command, change)
     VALUES (:atMs, :type, :node, :cluster, :text, :command, :change)`,
  )
  const forget = database.prepare(
    'DELETE FROM events WHERE at_ms < :beforeMs OR seq <= (SELECT max(seq) FROM events) - :keep',
  )
  let waiting: DatedEvent[] = []
  let isScheduled = false
  let dropped = 0

  const write = ({ atMs, type, node, cluster, text, command, change }: DatedEvent): void => {
    const json = change === undefined ? null : JSON.stringify(change)
    insert.run({ atMs, type, node, cluster, text, command, change: json })
  }
  const prune = (): void => {
    forget.run({ beforeMs: clock.now() - limits.maxAgeMs, keep: limits.maxEvents })
  }
  const dated = (event: NewEvent): DatedEvent => ({
    ...event,
    text: event.text.slice(0, maxText).toWellFormed(),
    atMs: clock.now(),
  })
  const flush = (): void => {
    if (waiting.length === 0) return
    const events = waiting
    waiting = []
    try {
      inTransaction(database, () => {
        for (const event of events) write(event)
        prune()
      })
    } catch {
      dropped += events.length
    }
  }
  const writeSoon = async (): Promise<void> => {
    if (isScheduled || signal.aborted) return
    isScheduled = true
    await clock.sleep(writeAfterMs, signal)
    isScheduled = false
    flush()
  }

  return {
    add(event) {
      if (waiting.length >= limits.maxWaiting) {
        dropped++
        return
      }
      waiting.push(dated(event))
      void writeSoon()
    },
    addWithin(event) {
      write(dated(event))
      prune()
    },
    list({ node, cluster, types, sinceMs, untilMs, after, limit }) {
      flush()
      const conditions = [
        ...(node === undefined ? [] : ['node = :node']),
        ...(cluster === undefined ? [] : ['cluster = :cluster']),
        ...(types === undefined ? [] : ['type IN (SELECT value FROM json_each(:types))']),
        ...(sinceMs === undefined ? [] : ['at_ms >= :sinceMs']),
        ...(untilMs === undefined ? [] : ['at_ms <= :untilMs']),
        ...(after === undefined ? [] : ['seq > :after']),
      ]
      const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
      return database
        .prepare(`SELECT * FROM events ${where} ORDER BY seq DESC LIMIT :limit`)
        .all({
          ...(node === undefined ? {} : { node }),
          ...(cluster === undefined ? {} : { cluster }),
          ...(types === undefined ? {} : { types: JSON.stringify(types) }),
          ...(sinceMs === undefined ? {} : { sinceMs }),
          ...(untilMs === undefined ? {} : { untilMs }),
          ...(after === undefined ? {} : { after }),
          limit,
        })
        .map(({ at_ms: atMs, change, ...row }) =>
          fleetEvent.parse({
            ...row,
            atMs,
            ...(typeof change === 'string' ? { change: JSON.parse(change) as unknown } : {}),
          }),
        )
    },
    flush,
    dropped: () => dropped,
  }
}
