import type { Registry } from 'prom-client'
import { createBackoff, retryAfterMs } from '../../../common/backoff.ts'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import type { AlertNotification } from '../rule-types.ts'
import { alertPayload } from './alert-payload.ts'
import { createAlertQueue } from './alert-queue.ts'
import type { AlertmanagerClient } from './alertmanager-client.ts'
import { createNotifierMetrics } from './notifier-metrics.ts'
import { createTargetState } from './target-state.ts'
import type { TargetState } from './target-state.ts'

export interface AlertmanagerOptions {
  /** Every one of them gets every alert; they sort out duplicates among themselves. */
  readonly clients: readonly AlertmanagerClient[]
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
  /** How it goes with each of them; those that were not heard of for a minute are asked whether they are ready. */
  look(signal: AbortSignal): Promise<readonly AlertmanagerView[]>
}

export interface AlertmanagerView extends TargetState {
  /** Without path and credentials. */
  readonly url: string
  /** Alerts that it has not taken yet. */
  readonly waiting: number
}

/** What Prometheus sends at once; Alertmanagers are used to it. */
const batchSize = 256
/** Of a look whether one is ready: a person waits for it. */
const lookTimeoutMs = 2_000
const newsMs = 60_000

/**
 * Delivers alerts to Alertmanagers (API v2), each at its own pace. Network errors, 408, 429 and 5xx are tried again;
 * a batch that is refused is halved until the alert that spoils it is alone, which is then dropped and counted.
 */
export function createAlertmanagerNotifier(options: AlertmanagerOptions): AlertmanagerNotifier {
  const { clock, log } = options
  const stopping = new AbortController()
  const isStopping = (): boolean => stopping.signal.aborted
  const targets = options.clients.map((client) => ({
    client,
    state: createTargetState(clock),
    queue: createAlertQueue(options.queueCapacity ?? 10_000),
    wake: Promise.withResolvers<undefined>(),
  }))
  type Target = (typeof targets)[number]
  const metrics = createNotifierMetrics(options.registry, () =>
    targets.map(({ client, queue }) => [client.name, queue.size] as const),
  )

  /** @throws PgherdError UNREACHABLE, TIMED_OUT or CANCELLED when trying again may help */
  const deliver = async (target: Target, batch: readonly AlertNotification[]): Promise<void> => {
    const { client, queue } = target
    const answer = await client.send({
      method: 'POST',
      path: '/api/v2/alerts',
      body: alertPayload(batch),
      timeoutMs: options.timeoutMs ?? 10_000,
      signal: stopping.signal,
    })
    const { status } = answer
    if (status >= 200 && status < 300) {
      queue.settle(batch)
      metrics.countSent(client.name, batch.length)
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
      metrics.countDropped(client.name, 'rejected', 1)
      log.error(
        { alertmanager: client.name, status, labels: batch[0]?.labels, answer: textOf(answer.body) },
        'an alert was rejected',
      )
      return
    }
    const asked = retryAfterMs(answer.headers['retry-after'], clock.now())
    throw new PgherdError('UNREACHABLE', `${client.name} answered with status ${status}`, {
      details: { retryAfterMs: asked, answer: textOf(answer.body) },
    })
  }

  const run = async (target: Target): Promise<void> => {
    const { client, queue, state } = target
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
        state.sent()
        if (isDown) log.info({ alertmanager: client.name }, 'alerts are delivered again')
        isDown = false
      } catch (error) {
        if (isStopping()) return
        metrics.countFailedAttempt(client.name)
        state.failed(messageOf(error))
        const asked = error instanceof PgherdError ? error.details['retryAfterMs'] : undefined
        const waitMs = backoff.next(typeof asked === 'number' ? asked : 0)
        if (!isDown) {
          log.warn(
            { alertmanager: client.name, problem: messageOf(error), waiting: queue.size },
            'alerts cannot be delivered and wait',
          )
        }
        isDown = true
        await clock.sleep(waitMs, stopping.signal)
      }
    }
  }

  const look = async ({ client, queue, state }: Target, signal: AbortSignal): Promise<AlertmanagerView> => {
    const { up, lastSentMs } = state.state
    if (up !== true || lastSentMs === null || clock.now() - lastSentMs > newsMs) {
      state.looked(await problemOf(client, signal))
    }
    return { url: client.name, ...state.state, waiting: queue.size }
  }

  const loops = targets.map(run)
  return {
    notify(notifications) {
      for (const { client, queue, wake } of targets) {
        const dropped = queue.put(notifications)
        if (dropped > 0) {
          metrics.countDropped(client.name, 'queue_full', dropped)
          log.error({ alertmanager: client.name, dropped }, 'alerts were dropped from a full queue')
        }
        wake.resolve(undefined)
      }
    },
    look: (signal) => Promise.all(targets.map((target) => look(target, signal))),
    async [Symbol.asyncDispose]() {
      stopping.abort()
      for (const { wake } of targets) wake.resolve(undefined)
      await Promise.all(loops)
    },
  }
}

/** Why an Alertmanager would take no alerts now, or undefined. */
async function problemOf(client: AlertmanagerClient, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { status } = await client.send({
      method: 'GET',
      path: '/-/ready',
      timeoutMs: lookTimeoutMs,
      signal,
      onlyStatusMatters: true,
    })
    return status < 400 ? undefined : `${client.name} answered with status ${status}`
  } catch (error) {
    return messageOf(error)
  }
}

function textOf(body: Uint8Array): string {
  return Buffer.from(body).toString('utf8').slice(0, 512)
}
