import type { Backoff } from '../../../common/backoff.ts'
import type { Clock } from '../../../common/clock.ts'
import type { HttpAnswer } from '../../../common/http-client.ts'
import type { Log } from '../../../common/log.ts'
import { createPusher } from '../../../common/push/pusher.ts'
import type { PusherStats } from '../../../common/push/pusher.ts'
import { openSpool } from '../../../common/spool/spool.ts'
import type { SpoolStats } from '../../../common/spool/spool.ts'
import type { EngineRequest } from './failover.ts'

/** Bodies on disk on their way to the engine. */
export interface Buffer extends AsyncDisposable {
  /**
   * Resolves when all bodies are on the disk. They are sent when the engine takes them.
   * @returns a mark for `sent`
   * @throws PgherdError DISK_FULL when the buffer has reached its limit or the disk is full; none may count as kept
   */
  append(bodies: readonly Uint8Array[]): Promise<number>
  /** Waits until what had this mark has been sent; false when `maxMs` passed or the signal aborted before. */
  sent(mark: number, maxMs: number, signal?: AbortSignal): Promise<boolean>
  /** The same for everything that was appended before now, by this process or an earlier one. */
  drained(maxMs: number, signal?: AbortSignal): Promise<boolean>
  /** The monotonic time at which the engine last took something; -Infinity when it has not. */
  lastSentMs(): number
  stats(): BufferStats
}

export interface BufferStats {
  readonly spool: SpoolStats
  readonly push: PusherStats
}

/** Named for its place in the spool. */
const readerName = 'victoriametrics'
/** After an outage what is newer than this goes first, so that rules and dashboards see the present. */
const freshMs = 30_000
const pollMs = 10

export async function openBuffer(options: {
  readonly directory: string
  readonly maxBytes: number
  readonly send: (request: EngineRequest) => Promise<HttpAnswer>
  /** Of the engine's remote write. */
  readonly path: string
  readonly clock: Clock
  readonly log: Log
  readonly backoff?: Backoff
}): Promise<Buffer> {
  const { clock, log } = options
  await using stack = new AsyncDisposableStack()
  const spool = stack.use(
    await openSpool({
      directory: options.directory,
      readers: [{ name: readerName, freshMs }],
      maxBytes: options.maxBytes,
      maxAgeMs: Infinity,
      // Senders keep what they are refused, and send it again.
      whenFull: 'refuse',
      clock,
      log,
    }),
  )
  const reader = spool.reader(readerName)
  let newestSentMs = -Infinity
  let lastSentMs = -Infinity
  let lastMark = -Infinity
  const pusher = createPusher({
    queue: {
      take: (limits) => reader.take(limits),
      async acknowledge(bodies) {
        await reader.acknowledge(bodies)
        lastSentMs = clock.monotonic()
        newestSentMs = Math.max(newestSentMs, bodies.at(-1)?.timestampMs ?? -Infinity)
      },
      wait: (signal) => reader.wait(signal),
      backlog: () => reader.backlog(),
    },
    // The failover puts the address of an endpoint in front of the path.
    url: options.path,
    http: { send: ({ url, ...request }) => options.send({ ...request, path: url }) },
    userAgent: 'pgherd-collector',
    clock,
    log,
    flushMs: 2_000,
    request: { records: 128, bytes: 1 << 20 },
    ...(options.backoff === undefined ? {} : { backoff: options.backoff }),
  })
  const stop = new AbortController()
  const running = pusher.run(stop.signal)
  const opened = stack.move()

  const until = async (isDone: () => boolean, maxMs: number, signal?: AbortSignal): Promise<boolean> => {
    const end = clock.monotonic() + maxMs
    while (!isDone()) {
      const leftMs = end - clock.monotonic()
      if (leftMs <= 0 || signal?.aborted === true || stop.signal.aborted) return false
      await clock.sleep(Math.min(pollMs, leftMs), signal)
    }
    return true
  }

  return {
    async append(bodies) {
      // Each mark is above the ones before: one that was sent tells that the earlier ones are as well.
      const records = bodies.map((payload) => {
        lastMark = Math.max(clock.now(), lastMark + 0.001)
        return { timestampMs: lastMark, payload }
      })
      await Promise.all(records.map((record) => spool.append(record)))
      return records.at(-1)?.timestampMs ?? -Infinity
    },
    sent: (mark, maxMs, signal) => until(() => newestSentMs >= mark, maxMs, signal),
    drained(maxMs, signal) {
      const calledMs = Math.max(lastMark, clock.now())
      return until(() => (reader.backlog().oldestMs ?? Infinity) > calledMs, maxMs, signal)
    },
    lastSentMs: () => lastSentMs,
    stats: () => ({ spool: spool.stats(), push: pusher.stats() }),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
      await opened.disposeAsync()
    },
  }
}
