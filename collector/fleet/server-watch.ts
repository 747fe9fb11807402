import type { Clock } from '../../common/clock.ts'
import { messageOf } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { labelValue } from '../../common/series/label-set.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import type { NewEvent } from '../../common/wire/events.ts'

interface Element {
  readonly labels: LabelSet
  readonly value: number
}

/** An alert as far as it becomes an event. */
export interface WatchedAlert {
  readonly state: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

export interface ServerWatchOptions {
  readonly clock: Clock
  readonly log: Log
  /** Evaluates an expression now; its result must be a vector. */
  readonly vector: (expression: string, signal: AbortSignal) => Promise<readonly Element[]>
  readonly alerts: () => readonly WatchedAlert[]
  readonly add: (event: NewEvent) => void
  /** Servers whose changes are told by somebody who sees them sooner. */
  readonly isWatched?: (server: string) => boolean
  /** 15 s unless told. */
  readonly everyMs?: number
}

interface ServerState {
  readonly cluster: string
  readonly up: boolean
  readonly role: 'primary' | 'standby' | undefined
  /** Seconds since the epoch. */
  readonly startedAt: number | undefined
}

/** As many as one collector looks after; what comes on top is not watched. */
const maxServers = 20_000

/** The server's own clock tells when it started: it may have been set meanwhile. */
const sameStartSeconds = 2

/**
 * Notices from the newest samples what changed about servers and alerts, and tells it as events, until the signal aborts.
 * What it sees first is where it begins, and no event. A server whose samples stay away changes nothing: then it is its
 * agent that is away.
 */
export async function watchServers(options: ServerWatchOptions, signal: AbortSignal): Promise<void> {
  const { clock, log } = options
  const servers = new Map<string, ServerState>()
  let firing: ReadonlyMap<string, WatchedAlert> | undefined
  let isFailing = false
  const isOver = (): boolean => signal.aborted
  while (!isOver()) {
    try {
      await lookAtServers(options, servers, signal)
      isFailing = false
    } catch (error) {
      if (!isFailing && !isOver()) {
        log.warn({ error: messageOf(error) }, 'events: the state of the servers could not be read')
      }
      isFailing = true
    }
    firing = lookAtAlerts(options, firing)
    await clock.sleep(options.everyMs ?? 15_000, signal)
  }
}

async function lookAtServers(
  { vector, add, isWatched }: ServerWatchOptions,
  servers: Map<string, ServerState>,
  signal: AbortSignal,
): Promise<void> {
  const [up, recovery, boot] = await Promise.all([
    vector('max by (cls, ins) (pg_up)', signal),
    vector('max by (ins) (pg_in_recovery)', signal),
    vector('max by (ins) (pg_boot_time)', signal),
  ])
  const recoveryOf = byInstance(recovery)
  const bootOf = byInstance(boot)
  for (const { labels, value } of up) {
    const node = labelValue(labels, 'ins')
    const before = servers.get(node)
    if (before === undefined && servers.size >= maxServers) continue
    const inRecovery = recoveryOf.get(node)
    const now: ServerState = {
      cluster: labelValue(labels, 'cls'),
      up: value > 0,
      // A server that is down keeps the role that it had.
      role: inRecovery === undefined ? before?.role : inRecovery > 0 ? 'standby' : 'primary',
      startedAt: bootOf.get(node) ?? before?.startedAt,
    }
    servers.set(node, now)
    if (before !== undefined && isWatched?.(node) !== true) tell(add, node, before, now)
  }
}

function tell(
  add: ServerWatchOptions['add'],
  node: string,
  before: ServerState,
  { cluster, up, role, startedAt }: ServerState,
): void {
  const of = { node, cluster, command: null }
  const isNewStart =
    before.startedAt !== undefined &&
    startedAt !== undefined &&
    Math.abs(startedAt - before.startedAt) > sameStartSeconds
  if (isNewStart) {
    const when = new Date(startedAt * 1000).toISOString()
    add({ ...of, type: 'server-restarted', text: `was started anew at ${when}` })
  }
  if (before.up && !up) add({ ...of, type: 'server-down', text: 'does not answer' })
  if (!before.up && up) add({ ...of, type: 'server-up', text: 'answers again' })
  if (before.role !== undefined && role !== undefined && before.role !== role) {
    add({ ...of, type: 'role-changed', text: `is ${role} now, and was ${before.role}` })
  }
}

function lookAtAlerts(
  { alerts, add }: ServerWatchOptions,
  before: ReadonlyMap<string, WatchedAlert> | undefined,
): ReadonlyMap<string, WatchedAlert> {
  const firing = new Map(
    alerts()
      .filter(({ state }) => state === 'firing')
      .map((alert) => [JSON.stringify(Object.entries(alert.labels).sort()), alert]),
  )
  if (before === undefined) return firing
  for (const [key, alert] of firing) {
    if (!before.has(key)) add(alertEvent('alert-firing', alert, 'is firing'))
  }
  for (const [key, alert] of before) {
    if (!firing.has(key)) add(alertEvent('alert-resolved', alert, 'has ended'))
  }
  return firing
}

function alertEvent(
  type: 'alert-firing' | 'alert-resolved',
  { labels, annotations }: WatchedAlert,
  verb: string,
): NewEvent {
  const severity = labels['severity'] === undefined ? '' : ` (${labels['severity']})`
  const summary = annotations['summary'] === undefined ? '' : `: ${annotations['summary']}`
  return {
    type,
    node: labels['ins'] ?? '',
    cluster: labels['cls'] ?? '',
    text: `${labels['alertname'] ?? 'an alert'}${severity} ${verb}${summary}`,
    command: null,
  }
}

function byInstance(elements: readonly Element[]): ReadonlyMap<string, number> {
  return new Map(elements.map(({ labels, value }) => [labelValue(labels, 'ins'), value]))
}
