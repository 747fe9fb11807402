import type { InstanceHealth } from '../../common/health/instance-health.ts'
import { tooOld } from '../../common/health/without-answer.ts'
import type { Contact } from './contact.ts'
import type { LiveAnswer } from './live-query.ts'
import type { ServerFacts } from './server-link.ts'
import { fresh } from './seen.ts'
import type { Moment, Seen } from './seen.ts'
import type { SettingsAnswer } from './settings-query.ts'
import type { SlowAnswer } from './slow-query.ts'

/** Everything that was seen of a server and of what is around it. */
export interface Observations {
  readonly contact: Seen<Contact<LiveAnswer>> | undefined
  readonly slow: Seen<SlowAnswer> | undefined
  readonly settings: Seen<SettingsAnswer> | undefined
  /** Of the last connection, whatever became of it: they are the data directory's and the configuration's. */
  readonly facts: ServerFacts | undefined
  readonly systemIdentifier: string | null
  readonly around: Pick<InstanceHealth, 'patroni' | 'poolers' | 'etcd' | 'space'>
}

/** What follows from the observations; since when it is so is for whoever knows what was before. */
export type Judged = Omit<InstanceHealth, 'server' | 'cluster' | 'sinceMs'>

/** A session that waits longer than this for a synchronous standby leaves it open whether a write would come back. */
const syncPatienceSeconds = 1

/**
 * The state of a server at a moment, from observations alone: what is older than its deadline is not known. So a server is
 * `running`, and has a role, only by an answer of its own that is fresh.
 */
export function judgeInstance(seen: Observations, now: Moment): Judged {
  const contact = fresh(seen.contact, now)
  const live = contact?.kind === 'answered' ? contact.value : undefined
  const slow = live === undefined ? undefined : fresh(seen.slow, now)
  const settings = live === undefined ? undefined : fresh(seen.settings, now)
  const facts = live?.facts ?? seen.facts
  return {
    atMs: seen.contact?.at.wallMs ?? now.wallMs,
    ...stateOf(seen, contact),
    role: live === undefined ? null : live.isInRecovery ? 'standby' : 'primary',
    isWritable: live === undefined ? null : writableBy(live, settings),
    systemIdentifier: seen.systemIdentifier,
    versionNumber: facts?.versionNumber ?? null,
    postmasterStartMs: live?.facts.postmasterStartMs ?? null,
    port: facts?.port ?? null,
    timeline: live?.timeline ?? slow?.control?.timeline ?? null,
    ...positionsOf(live),
    isReplayPaused: live?.isReplayPaused ?? null,
    upstream: live?.upstream ?? null,
    standbys: live?.standbys ?? [],
    synchronousStandbyNames: live?.synchronousStandbyNames ?? null,
    waitingForSync: live?.waiting?.sessions ?? (live === undefined ? null : 0),
    slots: slow?.slots ?? [],
    archiver: slow?.archiver ?? null,
    settings: settings?.settings ?? {},
    settingsDigest: settings?.digest ?? null,
    ...seen.around,
  }
}

function stateOf(
  seen: Observations,
  contact: Contact<LiveAnswer> | undefined,
): Pick<Judged, 'state' | 'reason'> {
  if (seen.contact === undefined) return { state: 'unknown', reason: 'it was not asked yet' }
  if (contact === undefined) return { state: 'unknown', reason: tooOld }
  if (contact.kind !== 'answered') return { state: contact.kind, reason: contact.reason }
  return { state: 'running', reason: 'it answers' }
}

/** Null while nothing proves it: its own default is not known yet, or a commit waits for a synchronous standby. */
function writableBy(live: LiveAnswer, settings: SettingsAnswer | undefined): boolean | null {
  if (live.isInRecovery) return false
  if (settings === undefined) return null
  if (settings.isReadOnlyByDefault) return false
  return (live.waiting?.longestSeconds ?? 0) > syncPatienceSeconds ? null : true
}

function positionsOf(
  live: LiveAnswer | undefined,
): Pick<
  Judged,
  'currentPosition' | 'receivedPosition' | 'replayedPosition' | 'replayLagBytes' | 'replayLagSeconds'
> {
  const { currentPosition = null, receivedPosition = null, replayedPosition = null } = live ?? {}
  const positions = { currentPosition, receivedPosition, replayedPosition }
  if (live?.isInRecovery !== true || replayedPosition === null) {
    return { ...positions, replayLagBytes: null, replayLagSeconds: null }
  }
  // A standby that restores from an archive has received nothing over the network, or less than it has replayed.
  const received = Math.max(receivedPosition ?? 0, replayedPosition)
  const ends = [received, live.upstream?.latestEndPosition ?? 0]
  return {
    ...positions,
    replayLagBytes: Math.max(...ends) - replayedPosition,
    // The primary's clock may be ahead of ours.
    replayLagSeconds:
      received === replayedPosition ? 0 : live.replayAgeSeconds && Math.max(0, live.replayAgeSeconds),
  }
}
