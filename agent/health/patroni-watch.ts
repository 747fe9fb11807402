import type { Clock } from '../../common/clock.ts'
import type { PatroniView } from '../../common/health/instance-health.ts'
import { askedInTime } from './asked-in-time.ts'
import type { JsonEndpoint } from './json-endpoint.ts'
import { clusterAnswer, configAnswer, historyAnswer, nodeAnswer } from './patroni-answers.ts'
import type { Members, NodeAnswer } from './patroni-answers.ts'
import { fresh, momentOf } from './seen.ts'
import type { Moment, Seen } from './seen.ts'

/** The newest answers of one Patroni. */
export interface PatroniSeen {
  /** The last attempt to ask it failed. */
  readonly hasFailed: boolean
  readonly node: Seen<NodeAnswer & { readonly hasLock: boolean }> | undefined
  readonly members: Members
  readonly scheduledSwitchover: PatroniView['scheduledSwitchover']
  readonly history: PatroniView['history']
  readonly settings: PatroniView['settings']
}

export interface PatroniWatch {
  /** Asks what is due. It never rejects. */
  look(): Promise<void>
  seen(): PatroniSeen
}

export interface PatroniWatchOptions {
  readonly endpoint: JsonEndpoint
  readonly clock: Clock
  /** Between two looks, and of one, milliseconds. */
  readonly intervalMs: number
  readonly deadlineMs: number
  readonly onSeen: () => void
}

/** While PostgreSQL hangs, Patroni itself waits for it before it answers; its answer counts when it comes. */
const patienceMs = 3_000
const membersEveryMs = 5_000
const rareEveryMs = 10_000
/** Unless the timeline has changed. */
const historyEveryMs = 60_000

const unknownSettings: PatroniView['settings'] = {
  ttlSeconds: null,
  loopWaitSeconds: null,
  retryTimeoutSeconds: null,
  maximumLagOnFailoverBytes: null,
  primaryStartTimeoutSeconds: null,
  synchronousMode: null,
  synchronousModeStrict: null,
  failsafeMode: null,
  isStandbyCluster: null,
}

/** One Patroni. GET /leader is what is asked each time: its status tells whose the key is, its body is that of GET /patroni. */
export function createPatroniWatch(options: PatroniWatchOptions): PatroniWatch {
  const { endpoint, clock, intervalMs, deadlineMs } = options
  let node: PatroniSeen['node']
  let hasFailed = false
  let members: Members = []
  let scheduledSwitchover: PatroniSeen['scheduledSwitchover']
  let history: PatroniView['history'] = []
  let settings = unknownSettings
  const askedMs = { '/cluster': -Infinity, '/config': -Infinity, '/history': -Infinity }
  const asking = new Set<string>()

  const ask = async (path: string, take: (status: number, body: unknown) => void): Promise<void> => {
    if (asking.has(path)) return
    asking.add(path)
    try {
      const get = () => endpoint.get(path, patienceMs)
      const { status, body } = await askedInTime(get, deadlineMs, clock)
      take(status, body)
      options.onSeen()
    } catch {
      // What was known ages; nothing else follows from a silent Patroni.
      if (path === '/leader') {
        hasFailed = true
        options.onSeen()
      }
    } finally {
      asking.delete(path)
    }
  }

  const rarely = (
    path: keyof typeof askedMs,
    everyMs: number,
    take: (body: unknown) => void,
  ): Promise<void> | undefined => {
    const nowMs = clock.monotonic()
    if (nowMs < askedMs[path] + everyMs - intervalMs / 2) return undefined
    askedMs[path] = nowMs
    return ask(path, (status, body) => {
      if (status === 200) take(body)
    })
  }

  /** It ends with the timeline before the present one; else a promotion has not been written there yet. */
  const isHistoryWhole = (): boolean => (history.at(-1)?.timeline ?? 0) + 1 === node?.value.timeline

  return {
    async look() {
      await Promise.all([
        ask('/leader', (status, body) => {
          if (status !== 200 && status !== 503) return
          const value = { ...nodeAnswer.parse(body), hasLock: status === 200 }
          hasFailed = false
          node = { value, at: momentOf(clock), validMs: intervalMs + 2 * deadlineMs }
        }),
        rarely('/cluster', membersEveryMs, (body) => {
          ;({ members, scheduled_switchover: scheduledSwitchover } = clusterAnswer.parse(body))
        }),
        rarely('/config', rareEveryMs, (body) => (settings = configAnswer.parse(body))),
        rarely(
          '/history',
          isHistoryWhole() ? historyEveryMs : rareEveryMs,
          (body) => (history = historyAnswer.parse(body)),
        ),
      ])
    },
    seen: () => ({ hasFailed, node, members, scheduledSwitchover, history, settings }),
  }
}

/** What tells which member of a cluster a Patroni is that does not say its name, as those before 3.1. */
export interface MemberPlace {
  /** Of this host. */
  readonly addresses: ReadonlySet<string>
  readonly port: number | undefined
}

/** What is told of a Patroni at a moment; null members of it have never been heard. */
export function patroniViewOf(seen: PatroniSeen, place: MemberPlace, now: Moment): PatroniView {
  const { hasFailed, node, members, scheduledSwitchover, history, settings } = seen
  const said = node?.value
  const member = memberOf(seen, place)
  return {
    isReachable: !hasFailed && fresh(node, now) !== undefined,
    answeredMs: node?.at.wallMs ?? null,
    version: said?.patroni.version ?? null,
    scope: said?.patroni.scope ?? null,
    member,
    apiUrl: members.find((one) => one.member === member)?.apiUrl ?? null,
    state: said?.state ?? null,
    role: said?.role ?? null,
    hasLock: said?.hasLock ?? null,
    timeline: said?.timeline ?? null,
    isPaused: said?.pause ?? null,
    clusterUnlocked: said?.cluster_unlocked ?? null,
    failsafeActive: said?.failsafe_mode_is_active ?? null,
    storeSeenMs: said?.dcs_last_seen == null ? null : said.dcs_last_seen * 1000,
    pendingRestart: said?.pending_restart ?? null,
    watchdogFailed: said?.watchdog_failed ?? null,
    isSyncStandby: said?.sync_standby ?? null,
    isQuorumStandby: said?.quorum_standby ?? null,
    tags: said?.tags ?? {},
    members,
    ...(scheduledSwitchover === undefined ? {} : { scheduledSwitchover }),
    history,
    settings,
  }
}

/** Its name as it says, else by where the members of its cluster are. */
export function memberOf({ node, members }: PatroniSeen, { addresses, port }: MemberPlace): string | null {
  const name = node?.value.patroni.name
  if (name != null) return name
  const here = members.filter(
    (one) => one.host !== null && addresses.has(one.host) && (port === undefined || one.port === port),
  )
  return here.length === 1 ? here[0]!.member : null
}
