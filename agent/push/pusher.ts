import { createBackoff, retryAfterMs } from '../../common/backoff.ts'
import type { Backoff } from '../../common/backoff.ts'
import type { Clock } from '../../common/clock.ts'
import { messageOf } from '../../common/errors.ts'
import type { HttpAnswer, HttpClient } from '../../common/http-client.ts'
import type { Log } from '../../common/log.ts'
import { version } from '../../common/version.ts'
import { remoteWriteHeaders } from '../../common/wire/remote-write-encode.ts'
import { verdictOf } from './verdict.ts'

/** A remote write body that waits to be sent. */
export interface QueuedBody {
  readonly timestampMs: number
  readonly payload: Uint8Array
}

/** Where the bodies come from, in order; a body is the next one until it is acknowledged. */
export interface BodyQueue<T extends QueuedBody> {
  next(): Promise<T | undefined>
  acknowledge(body: T): Promise<void>
  wait(signal: AbortSignal): Promise<void>
  backlog(): { readonly records: number; readonly bytes: number; readonly oldestMs: number | undefined }
}

export interface PusherOptions<T extends QueuedBody> {
  readonly queue: BodyQueue<T>
  readonly http: Pick<HttpClient, 'send'>
  /** The whole URL, for example http://collector:9700/api/v1/write. */
  readonly url: string
  /** Added to each request, for example `authorization`. */
  readonly headers?: Readonly<Record<string, string>>
  readonly clock: Clock
  readonly log: Log
  /** One request, from connecting to the last byte of the answer; 30 s unless told. */
  readonly timeoutMs?: number
  /** How long the end may be put off to send what is queued; 5 s unless told. */
  readonly flushMs?: number
  /** After network errors, 408, 429 and 5xx. */
  readonly backoff?: Backoff
  /** After 401, 403, 404 and the like. */
  readonly holdBackoff?: Backoff
}

export interface PusherStats {
  readonly sent: number
  readonly sentBytes: number
  /** Bodies that the receiver refused for good, by HTTP status. */
  readonly droppedByStatus: Readonly<Record<string, number>>
  /** Attempts that will be repeated, whatever the reason. */
  readonly retries: number
  /** True while the receiver's answers say that one side is misconfigured. */
  readonly holding: boolean
  readonly behindRecords: number
  readonly behindBytes: number
  /** The age of the oldest body that waits, 0 when none does. */
  readonly behindSeconds: number
  readonly lastSuccessMs: number | undefined
}

export interface Pusher {
  /** Sends until the signal aborts, then what it can within `flushMs`. Whatever is left stays queued. Never rejects. */
  run(signal: AbortSignal): Promise<void>
  stats(): PusherStats
}

const quietMs = 60_000
const maxLoggedAnswer = 500

/**
 * Sends the bodies of one queue to one destination: in order, one request at a time, because a receiver such
 * as Prometheus refuses samples that are older than what it has.
 */
export function createPusher<T extends QueuedBody>(options: PusherOptions<T>): Pusher {
  const { queue, http, clock, log } = options
  const backoff = options.backoff ?? createBackoff()
  const holdBackoff = options.holdBackoff ?? createBackoff({ firstMs: 5_000, maxMs: 5 * 60_000 })
  const headers = { ...options.headers, ...remoteWriteHeaders, 'user-agent': `pgherd-agent/${version}` }
  const droppedByStatus: Record<string, number> = {}
  let sent = 0
  let sentBytes = 0
  let retries = 0
  let holding = false
  let lastSuccessMs: number | undefined
  let quietUntil = -Infinity

  /** A receiver that is away for an hour must not fill the log: one line a minute says so. */
  const complain = (facts: object, message: string) => {
    const now = clock.monotonic()
    if (now < quietUntil) return
    quietUntil = now + quietMs
    log.warn({ ...facts, ...queue.backlog() }, message)
  }

  const succeeded = () => {
    if (quietUntil !== -Infinity) log.info(queue.backlog(), 'push: the receiver takes samples again')
    quietUntil = -Infinity
    holding = false
    backoff.reset()
    holdBackoff.reset()
    lastSuccessMs = clock.now()
  }

  /** Sends one body and says how long to wait before the next attempt; 0 when the body is done with. */
  const push = async (body: T, hardStop: AbortSignal): Promise<number> => {
    let answer: HttpAnswer
    try {
      answer = await http.send({
        method: 'POST',
        url: options.url,
        headers,
        body: body.payload,
        timeoutMs: options.timeoutMs ?? 30_000,
        signal: hardStop,
        maxAnswerBytes: 64 * 1024,
      })
    } catch (error) {
      if (hardStop.aborted) return 1
      retries++
      complain({ error: messageOf(error) }, 'push: the receiver cannot be reached, samples are kept')
      return backoff.next()
    }
    const { status } = answer
    switch (verdictOf(status)) {
      case 'stored':
        sent++
        sentBytes += body.payload.length
        succeeded()
        await queue.acknowledge(body)
        return 0
      case 'drop':
        droppedByStatus[status] = (droppedByStatus[status] ?? 0) + 1
        log.error(
          { status, answer: excerpt(answer), bytes: body.payload.length, timestampMs: body.timestampMs },
          'push: the receiver refuses these samples for good, they are dropped',
        )
        await queue.acknowledge(body)
        return 0
      case 'retry':
        retries++
        complain({ status, answer: excerpt(answer) }, 'push: the receiver is not ready, samples are kept')
        return backoff.next(retryAfterMs(answer.headers['retry-after'], clock.now()))
      case 'hold':
        retries++
        holding = true
        complain(
          { status, answer: excerpt(answer) },
          'push: the receiver does not accept this agent, check the URL and its credentials; samples are kept',
        )
        return holdBackoff.next(retryAfterMs(answer.headers['retry-after'], clock.now()))
    }
  }

  /** One body if there is one. A queue that cannot be read or advanced is waited for like a receiver. */
  const step = async (hardStop: AbortSignal): Promise<number | 'empty'> => {
    try {
      const body = await queue.next()
      return body === undefined ? 'empty' : await push(body, hardStop)
    } catch (error) {
      retries++
      complain({ error: messageOf(error) }, 'push: the queue cannot be read')
      return backoff.next()
    }
  }

  return {
    async run(signal) {
      const hardStop = new AbortController()
      const finished = new AbortController()
      // A request in flight when the end comes belongs to the flush: it is not cut off by the signal itself.
      const limitFlush = () => {
        void clock.sleep(options.flushMs ?? 5_000, finished.signal).then(() => hardStop.abort())
      }
      if (signal.aborted) limitFlush()
      else signal.addEventListener('abort', limitFlush, { once: true })
      while (!hardStop.signal.aborted) {
        // Only an attempt that began after the end was asked for has seen everything that was queued before it.
        const ending = signal.aborted
        const delayMs = await step(hardStop.signal)
        if (delayMs === 0) continue
        // Nothing left, or a receiver that is away: what remains stays queued for the next start.
        if (ending) break
        if (delayMs === 'empty') await queue.wait(signal)
        else await clock.sleep(delayMs, signal)
      }
      finished.abort()
      signal.removeEventListener('abort', limitFlush)
    },
    stats() {
      const { records, bytes, oldestMs } = queue.backlog()
      return {
        sent,
        sentBytes,
        droppedByStatus: { ...droppedByStatus },
        retries,
        holding,
        behindRecords: records,
        behindBytes: bytes,
        behindSeconds: oldestMs === undefined ? 0 : Math.max(0, (clock.now() - oldestMs) / 1000),
        lastSuccessMs,
      }
    },
  }
}

function excerpt(answer: HttpAnswer): string {
  return Buffer.from(answer.body.subarray(0, maxLoggedAnswer)).toString('utf8')
}
