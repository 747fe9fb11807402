import { finding, names } from '../finding.ts'
import type { Finding } from '../finding.ts'
import { printBytes, printSeconds } from '../print-figures.ts'
import { isStreaming, isSynchronous, lagOf, mayBeOfOneSystem } from '../situation.ts'
import type { Situation } from '../situation.ts'
import { livePatroni } from '../member.ts'
import type { Member } from '../member.ts'

/** Behind by more than that is worth a warning, whatever Patroni would still promote. */
const lagBytesLimit = 64 << 20
const lagSecondsLimit = 30

/** What is wrong between the primary and those that follow it. Without a primary that is known nothing is said. */
export function judgeReplicas(situation: Situation): readonly Finding[] {
  const { primary, fresh } = situation
  if (primary === undefined) return []
  const standbys = fresh.filter((member) => member.role === 'standby' && mayBeOfOneSystem(member, primary))
  return [
    ...standbys.flatMap((standby) => judgeReplica(situation, primary, standby) ?? []),
    ...noSyncStandby(situation, primary, standbys),
  ]
}

function judgeReplica(situation: Situation, primary: Member, standby: Member): Finding | undefined {
  const { server, health } = standby
  const diverged = divergence(situation, primary, standby)
  if (diverged !== undefined) return finding('replica-diverged', 'critical', [standby], diverged)
  if (!isStreaming(standby)) {
    const timelines =
      health.timeline === null ||
      primary.health.timeline === null ||
      health.timeline === primary.health.timeline
        ? ''
        : `; it is on timeline ${health.timeline}, the primary on ${primary.health.timeline}`
    const what =
      health.upstream === null
        ? 'follows nobody: no WAL receiver runs'
        : `does not stream: its receiver is ${health.upstream.status}`
    return finding('replica-broken', 'warning', [standby], `${server} ${what}${timelines}`)
  }
  const lag = Math.max(lagOf(primary, standby, 'replayed') ?? 0, health.replayLagBytes ?? 0)
  const lagSeconds = health.replayLagSeconds ?? 0
  if (lag <= lagBytesLimit && lagSeconds <= lagSecondsLimit) return undefined
  const paused = health.isReplayPaused === true ? '; its replay is paused' : ''
  const reason = `${server} is ${printBytes(lag)} and ${printSeconds(lagSeconds * 1000)} behind ${primary.server}${paused}`
  return finding('replica-lagging', 'warning', [standby], reason)
}

/** What it has that the primary's history has not. */
function divergence({ fresh, history }: Situation, primary: Member, standby: Member): string | undefined {
  const { server, health } = standby
  const { replayedPosition } = health
  const timeline =
    health.timeline === null ? null : Math.max(health.timeline, history.streamed.get(server) ?? 0)
  const ahead = primary.health.timeline
  // A primary that was just promoted may not know its new timeline yet; a report of before says nothing about after.
  if (timeline === null || ahead === null || standby.observedMs < primary.sinceMs) return undefined
  if (timeline > ahead) {
    if (primary.observedMs < standby.observedMs - 2_000) return undefined
    return `${server} is on timeline ${timeline}, which the primary ${primary.server} with timeline ${ahead} never had`
  }
  if (timeline === ahead || isStreaming(standby) || replayedPosition === null) return undefined
  const end = fresh
    .flatMap(({ health: { patroni } }) => patroni?.history ?? [])
    .find((entry) => entry.timeline === timeline)?.position
  if (end === undefined || end === null || replayedPosition <= end) return undefined
  return `${server} has replayed ${printBytes(replayedPosition - end)} of timeline ${timeline} that are behind its end, where timeline ${timeline + 1} began`
}

function noSyncStandby(
  { settings }: Situation,
  primary: Member,
  standbys: readonly Member[],
): readonly Finding[] {
  const { synchronousStandbyNames, waitingForSync, standbys: rows } = primary.health
  const mode = settings?.synchronousMode ?? null
  const isWanted = mode === 'on' || mode === 'quorum' || (synchronousStandbyNames ?? '') !== ''
  if (!isWanted) return []
  const isThere =
    rows.some(
      ({ state, syncState }) => state === 'streaming' && (syncState === 'sync' || syncState === 'quorum'),
    ) || standbys.some((standby) => isStreaming(standby) && isSynchronous(primary, standby))
  if (isThere) return []
  const waiting = waitingForSync ?? 0
  const isBlocking = waiting > 0 || settings?.synchronousModeStrict === true
  const means =
    waiting > 0
      ? `${waiting} sessions wait`
      : isBlocking
        ? 'commits wait'
        : 'what is committed now is on one server only'
  // Patroni 3.0.2, started beside a running primary, empties synchronous_standby_names and keeps its own list.
  const believed = standbys.filter((standby) => livePatroni(standby)?.isSyncStandby === true)
  const lie =
    believed.length > 0 && synchronousStandbyNames === ''
      ? `; Patroni takes ${names(believed)} for synchronous and would promote it, but synchronous_standby_names of ${primary.server} is empty: a switchover sets it again`
      : ''
  const reason = `no synchronous standby streams from ${primary.server}: ${means}${lie}`
  return [finding('no-sync-standby', isBlocking ? 'critical' : 'warning', [primary], reason)]
}
