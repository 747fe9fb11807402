import type { Registry } from 'prom-client'
import { createBackoff, retryAfterMs } from '../../../common/backoff.ts'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import type { HttpClient } from '../../../common/http-client.ts'
import type { Log } from '../../../common/log.ts'
import type { AlertNotification } from '../rule-types.ts'
import { alertPayload } from './alert-payload.ts'
import { createAlertQueue } from './alert-queue.ts'
import { endpointOf } from './endpoint.ts'
import { createNotifierMetrics } from './notifier-metrics.ts'

export interface AlertmanagerOptions {
  /** Every one of them gets every alert; they sort out duplicates among themselves. */
  readonly urls: readonly string[]
  readonly http: HttpClient
  readonly clock: Clock
  readonly log: Log
  readonly registry: Registry
  /** Alerts that may wait for one Alertmanager; 10,000 unless told. */
  readonly queueCapacity?: number
  /** Deadline of one request; 10 s unless told. */
  readonly timeoutMs?: number
  /** In [0, 1), for the jitter of retries. */
  readonly random?: () => number
}

export interface AlertmanagerNotifier extends AsyncDisposable {
  /** Takes alerts for delivery and returns at once. */
  readonly notify: (notifications: readonly AlertNotification[]) => void
}

/** What Prometheus sends at once; Alertmanagers are used to it. */
const batchSize = 256

/**
 * Delivers alerts to Alertmanagers (API v2), each at its own pace. Network errors, 408, 429 and 5xx are tried again;
 * a batch that is refused is halved until the alert that spoils it is alone, which is then dropped and counted.
 */
export function createAlertmanagerNotifier(options: AlertmanagerOptions): AlertmanagerNotifier {
  const { clock, http, log } = options
  const stopping = new AbortController()
  const isStopping = (): boolean => stopping.signal.aborted
  const targets = options.urls.map((address) => ({
    endpoint: endpointOf(address),
    queue: createAlertQueue(options.queueCapacity ?? 10_000),
    wake: Promise.withResolvers<undefined>(),
  }))
  type Target = (typeof targets)[number]
  const metrics = createNotifierMetrics(options.registry, () =>
    targets.map(({ endpoint, queue }) => [endpoint.name, queue.size] as const),
  )

  /** @throws PgherdError UNREACHABLE, TIMED_OUT or CANCELLED when trying again may help */
  const deliver = async (target: Target, batch: readonly AlertNotification[]): Promise<void> => {
    const { endpoint, queue } = target
    const answer = await http.send({
      method: 'POST',
      url: endpoint.url,
      headers: endpoint.headers,
      body: alertPayload(batch),
      timeoutMs: options.timeoutMs ?? 10_000,
      signal: stopping.signal,
    })
    const { status } = answer
    if (status >= 200 && status < 300) {
      queue.settle(batch)
      metrics.countSent(endpoint.name, batch.length)
      return
    }
    if (status === 400 || status === 422) {
      if (batch.length > 1) {
        const middle = Math.ceil(batch.length / 2)
        await deliver(target, batch.slice(0, middle))
        await deliver(target, batch.slice(middle))
        return
      }
      queue.settle(batch)
      metrics.countDropped(endpoint.name, 'rejected', 1)
      log.error(
        { alertmanager: endpoint.name, status, labels: batch[0]?.labels, answer: textOf(answer.body) },
        'an alert was rejected',
      )
      return
    }
    const asked = retryAfterMs(answer.headers['retry-after'], clock.now())
    throw new PgherdError('UNREACHABLE', `${endpoint.name} answered with status ${status}`, {
      details: { retryAfterMs: asked, answer: textOf(answer.body) },
    })
  }

  const run = async (target: Target): Promise<void> => {
    const { endpoint, queue } = target
    const backoff = createBackoff({ firstMs: 500, maxMs: 30_000, random: options.random ?? Math.random })
    let isDown = false
    while (!isStopping()) {
      if (queue.size === 0) {
        await target.wake.promise
        target.wake = Promise.withResolvers()
        continue
      }
      try {
        await deliver(target, queue.peek(batchSize))
        backoff.reset()
        if (isDown) log.info({ alertmanager: endpoint.name }, 'alerts are delivered again')
        isDown = false
      } catch (error) {
        if (isStopping()) return
        metrics.countFailedAttempt(endpoint.name)
        const asked = error instanceof PgherdError ? error.details['retryAfterMs'] : undefined
        const waitMs = backoff.next(typeof asked === 'number' ? asked : 0)
        if (!isDown) {
          log.warn(
            { alertmanager: endpoint.name, problem: messageOf(error), waiting: queue.size },
            'alerts cannot be delivered and wait',
          )
        }
        isDown = true
        await clock.sleep(waitMs, stopping.signal)
      }
    }
  }

  const loops = targets.map(run)
  return {
    notify(notifications) {
      for (const { endpoint, queue, wake } of targets) {
        const dropped = queue.put(notifications)
        if (dropped > 0) {
          metrics.countDropped(endpoint.name, 'queue_full', dropped)
          log.error({ alertmanager: endpoint.name, dropped }, 'alerts were dropped from a full queue')
        }
        wake.resolve(undefined)
      }
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      for (const { wake } of targets) wake.resolve(undefined)
      await Promise.all(loops)
    },
  }
}

function textOf(body: Uint8Array): string {
  return Buffer.from(body).toString('utf8').slice(0, 512)
}
