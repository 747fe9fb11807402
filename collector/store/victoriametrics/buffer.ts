import type { Backoff } from '../../../common/backoff.ts'
import type { Clock } from '../../../common/clock.ts'
import type { HttpAnswer } from '../../../common/http-client.ts'
import type { Log } from '../../../common/log.ts'
import { createPusher } from '../../../common/push/pusher.ts'
import type { PusherStats } from '../../../common/push/pusher.ts'
import { openSpool } from '../../../common/spool/spool.ts'
import type { SpoolStats } from '../../../common/spool/spool.ts'
import type { EngineRequest } from './failover.ts'
import { createHidden } from './hidden.ts'
import { createUnconfirmed } from './unconfirmed.ts'
import { writeVerdict } from './write-verdict.ts'

/** Bodies on disk on their way to the engine, in order. */
export interface SampleBuffer extends AsyncDisposable {
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
  /** Sends nothing again of what has been sent until now, whatever becomes of the engine. */
  letGo(): Promise<void>
  /** The monotonic time at which the engine last took something; -Infinity when it has not. */
  lastSentMs(): number
  /**
   * How far what queries find may be behind: the age of the oldest body that waits or was taken a moment ago, or the
   * time for which nothing was taken while some wait, if that is longer.
   */
  behindMs(): number
  stats(): BufferStats
}

export interface BufferStats {
  readonly spool: SpoolStats
  readonly push: PusherStats
  /** How often the engine had restarted, and was sent again what it may have lost. */
  readonly rewinds: number
}

export interface SampleBufferOptions {
  readonly directory: string
  readonly maxBytes: number
  readonly send: (request: EngineRequest) => Promise<HttpAnswer>
  /** Of the engine's remote write. */
  readonly path: string
  /** When the engine was started, in any unit; undefined when it does not say. Throws when it cannot be asked. */
  readonly startOf: () => Promise<number | undefined>
  readonly clock: Clock
  readonly log: Log
  readonly backoff?: Backoff
  /** How long sent bodies are kept in case that the engine dies; 15 s unless told. */
  readonly confirmMs?: number
  /** After what time queries find what the engine has taken; 5 s unless told. */
  readonly hiddenMs?: number
}

/** Named for its place in the spool. */
const readerName = 'victoriametrics'
const pollMs = 10
/** VictoriaMetrics writes what it has in memory to its disk every five seconds. */
const defaultConfirmMs = 15_000
/** Seen with 1.79: what was sent after an outage, 170,000 samples in a second, is found up to two seconds later. */
const defaultHiddenMs = 5_000

export async function openBuffer(options: SampleBufferOptions): Promise<SampleBuffer> {
  const { clock, log, confirmMs = defaultConfirmMs } = options
  await using stack = new AsyncDisposableStack()
  const spool = stack.use(
    await openSpool({
      directory: options.directory,
      readers: [readerName],
      maxBytes: options.maxBytes,
      maxAgeMs: Infinity,
      // Senders keep what they are refused, and send it again.
      whenFull: 'refuse',
      clock,
      log,
    }),
  )
  const queue = createUnconfirmed(spool, readerName, () => clock.monotonic())
  const hidden = createHidden(() => clock.monotonic(), options.hiddenMs ?? defaultHiddenMs)
  let lastMark = -Infinity
  /** Since when bodies wait, on the monotonic clock, as far as nothing was taken since. */
  let waitingSinceMs = clock.monotonic()
  let hasFailed = false
  let rewinds = 0
  const rewind = () => {
    if (!queue.isPending()) return
    rewinds++
    queue.rewind()
    log.info('VictoriaMetrics may have been restarted: what it was sent last is sent again')
  }

  const pusher = createPusher({
    queue: {
      ...queue,
      async acknowledge(records) {
        await queue.acknowledge(records)
        hidden.took(clock.now() - records[0]!.timestampMs)
      },
    },
    // The failover puts the address of an endpoint in front of the path.
    url: options.path,
    http: {
      async send({ url, ...request }) {
        try {
          const answer = await options.send({ ...request, path: url })
          if (answer.status >= 500) hasFailed = true
          else if (hasFailed) {
            hasFailed = false
            rewind()
          }
          return answer
        } catch (error) {
          hasFailed = true
          throw error
        }
      },
    },
    userAgent: 'pgherd-collector',
    clock,
    log,
    flushMs: 2_000,
    request: { records: 128, bytes: 1 << 20 },
    verdict: writeVerdict,
    ...(options.backoff === undefined ? {} : { backoff: options.backoff }),
  })

  /** Lets go of what the engine has had for a while, unless it is another process by now. */
  const confirmRegularly = async (signal: AbortSignal) => {
    let knownStart: number | undefined
    let wasAway = false
    for (;;) {
      await clock.sleep(confirmMs / 3, signal)
      if (signal.aborted) return
      if (!queue.isPending()) continue
      const askedMs = clock.monotonic()
      try {
        const start = await options.startOf()
        const isTold = start !== undefined && knownStart !== undefined
        if (isTold ? start !== knownStart : wasAway) rewind()
        knownStart = start ?? knownStart
        wasAway = false
      } catch {
        wasAway = true
        continue
      }
      // One that is away may have died right after it took something, and comes back without it.
      if (!hasFailed) await queue.confirm(askedMs - confirmMs)
    }
  }

  const stop = new AbortController()
  const running = Promise.all([pusher.run(stop.signal), confirmRegularly(stop.signal)])
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
      if (queue.newestSentMs() >= lastMark) waitingSinceMs = clock.monotonic()
      // Each mark is above the ones before: one that was sent tells that the earlier ones are as well.
      const records = bodies.map((payload) => {
        lastMark = Math.max(clock.now(), lastMark + 0.001)
        return { timestampMs: lastMark, payload }
      })
      await Promise.all(records.map((record) => spool.append(record)))
      return records.at(-1)?.timestampMs ?? -Infinity
    },
    sent: (mark, maxMs, signal) => until(() => queue.newestSentMs() >= mark, maxMs, signal),
    drained(maxMs, signal) {
      const calledMs = Math.max(lastMark, clock.now())
      return until(() => (queue.backlog().oldestMs ?? Infinity) > calledMs, maxMs, signal)
    },
    letGo: () => queue.confirm(Infinity),
    lastSentMs: () => queue.lastSentMs(),
    behindMs() {
      const { oldestMs } = queue.backlog()
      if (oldestMs === undefined) return hidden.oldestMs()
      // A wall clock that was set back makes old bodies look new.
      const stuckMs = clock.monotonic() - Math.max(waitingSinceMs, queue.lastSentMs())
      return Math.max(clock.now() - oldestMs, stuckMs, hidden.oldestMs())
    },
    stats: () => ({ spool: spool.stats(), push: pusher.stats(), rewinds }),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
      await opened.disposeAsync()
    },
  }
}
