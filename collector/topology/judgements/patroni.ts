import { finding, names } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { livePatroni } from '../member.ts'
import type { Member } from '../member.ts'
import { askingEtcd } from '../situation.ts'
import type { Situation } from '../situation.ts'
import { printSeconds } from '../print-figures.ts'
import { isCalled } from '../who-follows-whom.ts'
import { judgeRoles } from './roles.ts'

/** What keeps Patroni from its work, and what is known to go wrong with it. */
export function judgePatroni(situation: Situation): readonly Finding[] {
  if (!situation.isPatroni) return []
  return [
    ...patroniAway(situation),
    ...judgeRoles(situation),
    ...paused(situation),
    ...storeWithoutQuorum(situation),
    ...leaderKey(situation),
    ...noWatchdog(situation),
    ...noRestarter(situation),
  ]
}

function patroniAway({ fresh, nowMs }: Situation): readonly Finding[] {
  return fresh.flatMap((member) => {
    const { server, health, role, skewMs } = member
    if (health.patroni === null || health.patroni.isReachable) return []
    const { answeredMs } = health.patroni
    const atMs = answeredMs === null ? undefined : answeredMs - skewMs
    const when =
      atMs === undefined
        ? 'has not answered yet'
        : `answered last ${printSeconds(Math.max(0, nowMs - atMs))} ago`
    const danger = role === 'primary' ? '; nothing demotes it when another is promoted' : ''
    const severity = role === 'primary' ? 'critical' : 'warning'
    return [finding('patroni-away', severity, [member], `the Patroni of ${server} ${when}${danger}`, atMs)]
  })
}

function paused({ fresh }: Situation): readonly Finding[] {
  const saying = fresh.filter((member) => livePatroni(member)?.isPaused === true)
  if (saying.length === 0) return []
  return [finding('patroni-paused', 'warning', saying, 'Patroni is paused: it fails over only by hand')]
}

function storeWithoutQuorum(situation: Situation): readonly Finding[] {
  const { asking, blind } = askingEtcd(situation)
  if (blind.length === 0) return []
  const first = blind[0]?.health.etcd[0]
  const example = `${first?.endpoint}: ${first?.reason}`
  if (blind.length < asking.length) {
    const reason = `from ${names(blind)} no member of etcd is healthy, from ${asking.length - blind.length} others it is; ${example}`
    return [finding('store-without-quorum', 'warning', blind, reason)]
  }
  const failsafe = situation.fresh.some((member) => livePatroni(member)?.failsafeActive === true)
  const means = failsafe
    ? 'Patroni keeps its primary by failsafe mode'
    : 'Patroni demotes the primary, or does already'
  const reason = `no member of etcd that ${names(blind)} can ask is healthy, so there is no quorum: ${means}; ${example}`
  return [finding('store-without-quorum', 'critical', blind, reason)]
}

/** https://patroni.readthedocs.io/en/latest/releases.html, version 3.0.3: fix of the leader key that an old leader takes back with etcd3. */
function leaderKey({ fresh, history, nowMs }: Situation): readonly Finding[] {
  const back = takenBack(history.leaderships, nowMs)
  const holder = fresh.filter(({ server }) => server === back?.server)
  if (back !== undefined) {
    const reason = `${back.server} took the leader key back from ${back.from} after ${printSeconds(back.afterMs)}, without a new timeline (${back.timeline}): what ${back.from} took in between is on no other`
    return [finding('leader-key-taken-back', 'critical', holder, reason, back.atMs)]
  }
  const old = fresh.filter((member) => {
    const version = livePatroni(member)?.version
    return (
      version !== undefined &&
      version !== null &&
      isBefore(version, [3, 0, 3]) &&
      member.health.etcd.length > 0
    )
  })
  if (old.length === 0) return []
  const versions = [...new Set(old.map((member) => livePatroni(member)?.version))].join(', ')
  const reason = `Patroni ${versions} of ${names(old)} is older than 3.0.3: with etcd3 a leader that was cut off may take the leader key back after another was promoted`
  return [finding('leader-key-taken-back', 'ok', old, reason)]
}

/** For so long it is told of. */
const toldForMs = 3_600_000

function takenBack(leaderships: Situation['history']['leaderships'], nowMs: number) {
  for (let i = leaderships.length - 1; i >= 2; i--) {
    const now = leaderships[i]!
    const between = leaderships[i - 1]!
    const before = leaderships[i - 2]!
    if (nowMs - now.fromMs > toldForMs) return undefined
    if (now.server !== before.server || now.timeline === null || now.timeline !== before.timeline) continue
    return {
      server: now.server,
      from: between.server,
      timeline: now.timeline,
      atMs: now.fromMs,
      afterMs: now.fromMs - between.fromMs,
    }
  }
  return undefined
}

function noWatchdog({ fresh }: Situation): readonly Finding[] {
  return fresh.flatMap((member: Member) =>
    livePatroni(member)?.watchdogFailed === true
      ? [
          finding(
            'no-watchdog',
            'warning',
            [member],
            `the watchdog of ${member.server} could not be activated: nothing resets the host when Patroni hangs while it leads`,
          ),
        ]
      : [],
  )
}

/** In the words of GET /cluster. */
const leading = new Set(['leader', 'standby_leader', 'master', 'primary'])

/** Patroni's own default. */
const defaultTtlSeconds = 30

/**
 * A primary that outlives its Patroni's key: a watchdog would have reset its host by then, and whoever starts services again
 * would have started Patroni. A Patroni that only its agent does not reach renews its key, as those of other members say.
 */
function noRestarter({ fresh, nowMs, settings }: Situation): readonly Finding[] {
  return fresh.flatMap((member) => {
    const { server, role, skewMs, health } = member
    const { patroni } = health
    if (role !== 'primary' || patroni === null || patroni.isReachable || patroni.isPaused === true) return []
    if (patroni.answeredMs === null) return []
    const ttlSeconds = patroni.settings.ttlSeconds ?? settings?.ttlSeconds ?? defaultTtlSeconds
    const endedMs = patroni.answeredMs - skewMs + ttlSeconds * 1_000
    if (nowMs <= endedMs) return []
    const others = fresh.flatMap((other) => (other === member ? [] : (livePatroni(other) ?? [])))
    const isLeading = ({ members }: (typeof others)[number]): boolean =>
      members.some((one) => isCalled(member, one.member) && leading.has(one.role))
    if (others.length === 0 || others.some(isLeading)) return []
    const reason = `${server} goes on as primary ${printSeconds(nowMs - endedMs)} after the leader key of its Patroni ran out (ttl ${ttlSeconds} s): no watchdog has reset its host, and nobody has started Patroni again`
    return [finding('no-watchdog', 'critical', [member], reason, endedMs)]
  })
}

/** Whether a version is before `limit`; what is no number counts as 0. */
export function isBefore(version: string, limit: readonly number[]): boolean {
  const parts = version.split('.').map((part) => Number.parseInt(part, 10) || 0)
  for (const [i, wanted] of limit.entries()) {
    const part = parts[i] ?? 0
    if (part !== wanted) return part < wanted
  }
  return false
}
