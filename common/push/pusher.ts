import { createBackoff, retryAfterMs } from '../backoff.ts'
import type { Backoff } from '../backoff.ts'
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { HttpAnswer, HttpClient } from '../http-client.ts'
import type { Log } from '../log.ts'
import { version } from '../version.ts'
import { remoteWriteHeaders } from '../wire/remote-write-encode.ts'
import { joinSnappyBlocks } from '../wire/snappy-join.ts'
import { postInHalves } from './halves.ts'
import type { Post } from './halves.ts'
import { createRequestSize } from './request-size.ts'
import type { RequestLimits } from './request-size.ts'
import { verdictOf } from './verdict.ts'
import type { Verdict } from './verdict.ts'

/** A remote write body that waits to be sent. */
export interface QueuedBody {
  readonly timestampMs: number
  readonly payload: Uint8Array
}

/** Where the bodies come from; those that were taken are taken again until they are acknowledged. */
export interface BodyQueue<T extends QueuedBody> {
  /** Bodies that follow each other, none when nothing waits. */
  take(limits: RequestLimits): Promise<readonly T[]>
  acknowledge(bodies: readonly T[]): Promise<void>
  wait(signal: AbortSignal): Promise<void>
  backlog(): { readonly records: number; readonly bytes: number; readonly oldestMs: number | undefined }
}

export interface PusherOptions<T extends QueuedBody> {
  readonly queue: BodyQueue<T>
  readonly http: Pick<HttpClient, 'send'>
  /** The whole URL, for example http://collector:9700/api/v1/write. */
  readonly url: string
  /** Asked before each request, so that a token can change while we run. */
  readonly headers?: () => Promise<Readonly<Record<string, string>>>
  readonly clock: Clock
  readonly log: Log
  /** How we call ourselves; `pgherd` unless told. */
  readonly userAgent?: string
  /** One request, from connecting to the last byte of the answer; 30 s unless told. */
  readonly timeoutMs?: number
  /** How long the end may be put off to send what is queued; 5 s unless told. */
  readonly flushMs?: number
  /** What goes into one request when bodies wait; 32 of them and 1 MiB unless told. */
  readonly request?: RequestLimits
  /** After network errors, 408, 429 and 5xx. */
  readonly backoff?: Backoff
  /** After 401, 403, 404 and the like. */
  readonly holdBackoff?: Backoff
  /** What an answer means, where a receiver's statuses alone do not tell. */
  readonly verdict?: (answer: HttpAnswer) => Verdict
}

export interface PusherStats {
  /** Bodies that the receiver has taken. */
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
  readonly run: (signal: AbortSignal) => Promise<void>
  readonly stats: () => PusherStats
}

const quietMs = 60_000
const maxLoggedAnswer = 500

/**
 * Sends the bodies of one queue to one destination: as the queue gives them, one request at a time, because a
 * receiver such as Prometheus refuses samples that are older than what it has. Bodies that wait share requests.
 */
export function createPusher<T extends QueuedBody>(options: PusherOptions<T>): Pusher {
  const { queue, http, clock, log } = options
  const backoff = options.backoff ?? createBackoff()
  const holdBackoff = options.holdBackoff ?? createBackoff({ firstMs: 5_000, maxMs: 5 * 60_000 })
  const fixedHeaders = { ...remoteWriteHeaders, 'user-agent': `${options.userAgent ?? 'pgherd'}/${version}` }
  const size = createRequestSize(options.request ?? { records: 32, bytes: 1 << 20 })
  const droppedByStatus: Record<string, number> = {}
  let sent = 0
  let sentBytes = 0
  let retries = 0
  let holding = false
  let lastSuccessMs: number | undefined
  let quietUntil = -Infinity
  let dropsQuietUntil = -Infinity
  let untoldDrops = 0

  /** A receiver that is away for an hour must not fill the log: one line a minute says so. */
  const complain = (facts: object, message: string) => {
    const now = clock.monotonic()
    if (now < quietUntil) return
    quietUntil = now + quietMs
    log.warn({ ...facts, ...queue.backlog() }, message)
  }

  /** One line a minute as well, for a receiver may refuse all that an outage has left. */
  const tellOfDrop = (facts: object) => {
    untoldDrops++
    const now = clock.monotonic()
    if (now < dropsQuietUntil) return
    dropsQuietUntil = now + quietMs
    log.error(
      { ...facts, dropped: untoldDrops },
      'push: the receiver refuses these samples for good, they are dropped',
    )
    untoldDrops = 0
  }

  const succeeded = () => {
    if (quietUntil !== -Infinity) log.info(queue.backlog(), 'push: the receiver takes samples again')
    quietUntil = -Infinity
    holding = false
    backoff.reset()
    holdBackoff.reset()
    lastSuccessMs = clock.now()
  }

  const poster = (headers: Readonly<Record<string, string>> | undefined, signal: AbortSignal): Post => {
    const all = { ...headers, ...fixedHeaders }
    const timeoutMs = options.timeoutMs ?? 30_000
    return (body) =>
      http.send({
        method: 'POST',
        url: options.url,
        headers: all,
        body,
        timeoutMs,
        signal,
        maxAnswerBytes: 4 * 1024,
        // A proxy's page of an error must not hide the error, and what was taken must not be sent again.
        onlyStatusMatters: true,
      })
  }

  /** Sends some bodies and says how long to wait before the next attempt; 0 when there is nothing to wait for. */
  const push = async (bodies: readonly T[], hardStop: AbortSignal): Promise<number> => {
    let answer: HttpAnswer
    let headers: Readonly<Record<string, string>> | undefined
    try {
      headers = await options.headers?.()
    } catch (error) {
      retries++
      holding = true
      complain({ error: messageOf(error) }, 'push: the credentials cannot be read, samples are kept')
      return backoff.next()
    }
    const post = poster(headers, hardStop)
    try {
      answer = await post(joinSnappyBlocks(bodies.map(({ payload }) => payload)))
      if (answer.status === 413 && bodies.length === 1) {
        answer = await postInHalves(bodies[0]!.payload, answer, post)
      }
    } catch (error) {
      if (hardStop.aborted) return 1
      retries++
      size.failed(bodies.length)
      complain({ error: messageOf(error) }, 'push: the receiver cannot be reached, samples are kept')
      return backoff.next()
    }
    const { status } = answer
    const bytes = bodies.reduce((sum, { payload }) => sum + payload.length, 0)
    switch (options.verdict?.(answer) ?? verdictOf(status)) {
      case 'stored':
        sent += bodies.length
        sentBytes += bytes
        succeeded()
        size.accepted(bodies.length)
        await queue.acknowledge(bodies)
        return 0
      case 'drop':
        if (bodies.length > 1) {
          // It may be about one of them only, or about all of them together.
          if (status === 413) size.tooLarge(bodies.length)
          else size.refused(bodies.length)
          return 0
        }
        droppedByStatus[status] = (droppedByStatus[status] ?? 0) + 1
        tellOfDrop({ status, answer: excerpt(answer), bytes, timestampMs: bodies[0]?.timestampMs })
        size.accepted(1)
        await queue.acknowledge(bodies)
        return 0
      case 'retry':
        retries++
        if (status !== 429) size.failed(bodies.length)
        complain({ status, answer: excerpt(answer) }, 'push: the receiver is not ready, samples are kept')
        return backoff.next(retryAfterMs(answer.headers['retry-after'], clock.now()))
      case 'hold':
        retries++
        holding = true
        complain(
          { status, answer: excerpt(answer) },
          'push: the receiver does not accept us, check the URL and its credentials; samples are kept',
        )
        return holdBackoff.next(retryAfterMs(answer.headers['retry-after'], clock.now()))
    }
  }

  /** One request if there is something. A queue that cannot be read or advanced is waited for like a receiver. */
  const step = async (hardStop: AbortSignal): Promise<number | 'empty'> => {
    try {
      const bodies = await queue.take(size.limits())
      return bodies.length === 0 ? 'empty' : await push(bodies, hardStop)
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
