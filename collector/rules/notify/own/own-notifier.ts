import type { DatabaseSync } from 'node:sqlite'
import type { Registry } from 'prom-client'
import { createBackoff } from '../../../../common/backoff.ts'
import type { Backoff } from '../../../../common/backoff.ts'
import type { Clock } from '../../../../common/clock.ts'
import { PgherdError, messageOf } from '../../../../common/errors.ts'
import type { Log } from '../../../../common/log.ts'
import { labelKey, labelSet } from '../../../../common/series/label-set.ts'
import type { AlertNotification } from '../../rule-types.ts'
import { createTargetState } from '../target-state.ts'
import type { TargetState } from '../target-state.ts'
import { createAlertTable } from './alert-table.ts'
import { decide } from './decide.ts'
import type { Decision } from './decide.ts'
import { createGrouping } from './group-alerts.ts'
import type { AlertGroup, GroupOptions } from './group-alerts.ts'
import type { NotifyTarget } from './notification.ts'
import { openNotifyLog } from './notify-log.ts'
import { createOwnMetrics } from './own-metrics.ts'

export interface OwnNotifierOptions extends GroupOptions {
  /** It disposes of them. */
  readonly targets: readonly NotifyTarget[]
  /** With the table notify_log. */
  readonly database: DatabaseSync
  readonly clock: Clock
  readonly log: Log
  readonly registry: Registry
  /** In [0, 1), for the jitter of retries. */
  readonly random?: () => number
}

export interface TargetView extends TargetState {
  readonly name: string
  /** Messages that have failed and are tried again. */
  readonly waiting: number
}

/** Tells people of alerts where there is no Alertmanager. */
export interface OwnNotifier extends AsyncDisposable {
  /** Takes what the rules tell and returns at once. */
  readonly notify: (notifications: readonly AlertNotification[]) => void
  /** In the order of the targets. */
  look(): readonly TargetView[]
}

const maxAlerts = 10_000
/** What somebody was told before a restart goes on so long without a word of the rules. */
const restoredMs = 5 * 60_000
const endedMs = 15 * 60_000
const forgetMs = 24 * 3_600_000
/** A clock that differs from the monotonic one by so much more than before was set, or the machine slept. */
const jumpMs = 2_000
/** How often groups are looked at while there are any. */
const lookMs = 1_000

/**
 * Puts alerts into groups and tells each target of each group once, of what changes, and again after the repeat interval.
 * A message that is not taken is made anew for each attempt, so that it says what is the case then. What was told is
 * kept over restarts; only a crash between the message and the note of it makes one come twice.
 */
export function createOwnNotifier(options: OwnNotifierOptions): OwnNotifier {
  const { clock, log } = options
  const stopping = new AbortController()
  const isStopping = (): boolean => stopping.signal.aborted
  const book = openNotifyLog(
    options.database,
    options.targets.map(({ key }) => key),
  )
  const table = createAlertTable(maxAlerts)
  for (const { firing } of book.all()) table.restore(firing, clock.now() + restoredMs)
  const aheadMs = (): number => clock.now() - clock.monotonic()
  let knownAheadMs = aheadMs()
  /** Else all alerts would have ended for a moment when the clock is set forward: nobody has told that they go on. */
  const followClock = (): void => {
    const byMs = aheadMs() - knownAheadMs
    if (Math.abs(byMs) < jumpMs) return
    knownAheadMs += byMs
    table.shift(clock.now() - byMs, byMs)
    log.warn({ seconds: Math.round(byMs / 1000) }, 'the clock was set; alerts go on')
  }
  const groupsAt = createGrouping(options)
  const places = options.targets.map((target) => ({
    target,
    state: createTargetState(clock),
    /** By group. */
    retries: new Map<string, { readonly backoff: Backoff; atMs: number }>(),
    wake: Promise.withResolvers<undefined>(),
  }))
  type Place = (typeof places)[number]
  const metrics = createOwnMetrics(options.registry, () =>
    places.map(({ target, retries }) => [target.name, retries.size] as const),
  )

  const attempt = async (
    { target, state, retries }: Place,
    { key, labels }: AlertGroup,
    { alerts, after }: Decision,
  ): Promise<void> => {
    const wasDown = state.state.up === false
    try {
      await target.send({ groupKey: key, groupLabels: labels, alerts }, stopping.signal)
    } catch (error) {
      if (isStopping()) return
      const problem = messageOf(error)
      if (!wasDown)
        log.warn({ target: target.name, problem }, 'nobody can be told of alerts there; they wait')
      metrics.countFailedAttempt(target.name)
      state.failed(problem)
      const asked = error instanceof PgherdError ? error.details['retryAfterMs'] : undefined
      const backoff = retries.get(key)?.backoff ?? newBackoff()
      retries.set(key, {
        backoff,
        atMs: clock.monotonic() + backoff.next(typeof asked === 'number' ? asked : 0),
      })
      return
    }
    if (wasDown) log.info({ target: target.name }, 'alerts are told there again')
    metrics.countSent(target.name)
    state.sent()
    retries.delete(key)
    note(target, key, after)
  }

  const newBackoff = (): Backoff =>
    createBackoff({ firstMs: 1_000, maxMs: 60_000, random: options.random ?? Math.random })

  const note = ({ name, key: target }: NotifyTarget, group: string, entry: Decision['after']): void => {
    const failure = book.write(target, group, entry)
    if (failure === undefined) return
    log.error({ target: name, err: failure }, 'what was told of alerts could not be kept for the next start')
  }

  /**
   * Tells of each group once, and of the groups that were not told of before first.
   * @param tried - groups that have had their turn; those that get it are added
   * @returns whether all have had it; a slow target takes so long that what is the case has to be looked at again between
   */
  const pass = async (place: Place, tried: Set<string>): Promise<boolean> => {
    followClock()
    const isRetry = ({ key }: AlertGroup): number => Number(place.retries.has(key))
    const groups = groupsAt(table.all(), clock.now()).toSorted((a, b) => isRetry(a) - isRetry(b))
    const due = new Set<string>()
    const startedMs = clock.monotonic()
    let attempts = 0
    for (const group of groups) {
      if (isStopping()) return true
      const decision = decide(group.alerts, book.entry(place.target.key, group.key), clock.now(), group.route)
      if (decision === undefined) continue
      if (decision.alerts.length === 0) {
        note(place.target, group.key, decision.after)
        continue
      }
      due.add(group.key)
      if (tried.has(group.key)) continue
      if (attempts > 0 && clock.monotonic() - startedMs >= lookMs) return false
      if ((place.retries.get(group.key)?.atMs ?? -Infinity) <= clock.monotonic()) {
        attempts++
        tried.add(group.key)
        await attempt(place, group, decision)
      }
    }
    // What has become pointless meanwhile.
    for (const key of place.retries.keys()) if (!due.has(key)) place.retries.delete(key)
    return true
  }

  const forget = (): void => {
    const needed = new Set<string>()
    for (const { firing } of book.all())
      for (const { labels } of firing) needed.add(labelKey(labelSet(labels)))
    table.forgetBefore(clock.now() - endedMs, (key) => needed.has(key))
    book.forgetBefore(clock.now() - forgetMs)
  }

  const run = async (place: Place): Promise<void> => {
    const tried = new Set<string>()
    while (!isStopping()) {
      if (table.size === 0) {
        await place.wake.promise
        place.wake = Promise.withResolvers()
        continue
      }
      try {
        const isComplete = await pass(place, tried)
        forget()
        if (!isComplete) continue
        tried.clear()
      } catch (error) {
        log.error({ target: place.target.name, err: error }, 'alerts could not be looked at')
      }
      await clock.sleep(lookMs, stopping.signal)
    }
  }

  const loops = places.map(run)
  return {
    notify(notifications) {
      followClock()
      const dropped = places.length === 0 ? 0 : table.put(notifications)
      if (dropped > 0) {
        metrics.countDropped(dropped)
        log.error({ dropped, limit: maxAlerts }, 'too many alerts are active; nobody is told of the newest')
      }
      for (const { wake } of places) wake.resolve(undefined)
    },
    look: () =>
      places.map(({ target, state, retries }) => ({
        name: target.name,
        ...state.state,
        waiting: retries.size,
      })),
    async [Symbol.asyncDispose]() {
      stopping.abort()
      for (const { wake } of places) wake.resolve(undefined)
      await Promise.all(loops)
      await Promise.all(options.targets.map((target) => target[Symbol.asyncDispose]()))
    },
  }
}
