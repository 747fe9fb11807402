import { brokenCap, recentActs } from './caps.ts'
import type { Act } from './caps.ts'
import { judgeLeftovers } from './judge-leftovers.ts'
import type { LeftoverTrack } from './judge-leftovers.ts'
import { judgeSession } from './judge-session.ts'
import { lockRoots } from './lock-roots.ts'
import type { Policy } from './policy.ts'
import { followClock, withoutJumps } from './server-clock.ts'
import type { ServerClock } from './server-clock.ts'
import { keyOf } from './session.ts'
import type { Look } from './session.ts'
import { longestGapMs, trackOf } from './track.ts'
import type { Track } from './track.ts'
import type { Finding, LeftoverVerdict, SessionVerdict } from './verdict.ts'

/** What is kept from look to look: of those that were in the last one, and the signals of the last minute. */
export interface Memory {
  readonly atMs: number
  readonly clock: ServerClock | undefined
  readonly sessions: ReadonlyMap<string, Track>
  readonly leftovers: ReadonlyMap<string, LeftoverTrack>
  readonly acts: readonly Act[]
  /** When something was told, milliseconds: of the last minute. */
  readonly told: readonly number[]
}

export interface Judgement {
  readonly memory: Memory
  /** In the order in which they are to be carried out. */
  readonly verdicts: readonly SessionVerdict[]
  readonly leftovers: readonly LeftoverVerdict[]
  readonly findings: readonly Finding[]
  /** By rule: signals that a cap holds up, each told once. */
  readonly capped: readonly { readonly rule: string; readonly pid: number; readonly cap: string }[]
}

export const nothingKnown: Memory = {
  atMs: -Infinity,
  clock: undefined,
  sessions: new Map(),
  leftovers: new Map(),
  acts: [],
  told: [],
}

/** A storm of sessions is told in pieces. */
const toldPerMinute = 60
const minuteMs = 60_000

/**
 * What a policy says of a server, from this look and what is known of those before. It changes nothing and asks nobody: who carries it out
 * tells it of what failed by `notDone`.
 */
export function judge(policy: Policy, before: Memory, look: Look): Judgement {
  const { atMs } = look
  const clock = followClock(before.clock, look)
  const sessions = look.sessions.map((session) => withoutJumps(session, clock))
  const isAfterGap = atMs - before.atMs > longestGapMs
  const tracks = new Map<string, Track>()
  for (const session of sessions) {
    const key = keyOf(session)
    const known = before.sessions.get(key)
    // What was said to a session stays said; what it was seen to do without a pause begins again.
    const fresh = isAfterGap && known !== undefined
    const track = trackOf(fresh ? undefined : known, session, atMs)
    tracks.set(key, fresh ? { ...track, stages: known.stages } : track)
  }
  const roots = lockRoots(sessions, (waiter) => atMs - (tracks.get(keyOf(waiter))?.wait.sinceMs ?? atMs))
  const victims = new Set([...roots.values()].flatMap((root) => root.victims))
  // Where the caps let only some through, those go first that hold up most.
  const sorted = sessions.toSorted(
    (a, b) =>
      (roots.get(b.pid)?.victims.length ?? 0) - (roots.get(a.pid)?.victims.length ?? 0) ||
      b.transactionMs - a.transactionMs,
  )
  let acts = recentActs(before.acts, atMs)
  let told = before.told.filter((one) => one > atMs - minuteMs)
  const verdicts: SessionVerdict[] = []
  const findings: Finding[] = []
  const capped: Judgement['capped'][number][] = []
  for (const session of sorted) {
    const key = keyOf(session)
    const track = tracks.get(key)
    if (track === undefined) continue
    const judged = judgeSession(policy, session, {
      ...{ track, atMs, beforeMs: before.atMs },
      root: roots.get(session.pid),
      isVictim: victims.has(session.pid),
      exclusive: look.exclusive,
      mayTell: told.length < toldPerMinute,
      brokenCap: (rule) => brokenCap(acts, rule, policy.per_minute),
    })
    if (judged === undefined) continue
    const { finding, verdict, stage, cap } = judged
    findings.push(finding)
    if (stage !== undefined) {
      tracks.set(key, { ...track, stages: new Map(track.stages).set(finding.rule, stage) })
    }
    if (cap !== undefined) capped.push({ rule: finding.rule, pid: session.pid, cap })
    if (verdict === undefined) continue
    verdicts.push(verdict)
    told = [...told, atMs]
    if (verdict.step === 'cancel' || verdict.step === 'terminate') {
      acts = [...acts, { atMs, rule: finding.rule }]
    }
  }
  const left = judgeLeftovers(policy, before.leftovers, look, roots.get(0))
  return {
    memory: { atMs, clock, sessions: tracks, leftovers: left.tracks, acts, told },
    verdicts,
    leftovers: left.verdicts,
    findings,
    capped,
  }
}

/**
 * What is known after a signal was not sent: it is tried again after some time, as if it had not been tried. It counts for the caps all the same where
 * nobody knows whether the server got it.
 */
export function notDone(
  memory: Memory,
  { session, rule, step }: Pick<SessionVerdict, 'session' | 'rule' | 'step'>,
  { retryMs, mayHaveBeenSent = false }: { readonly retryMs: number; readonly mayHaveBeenSent?: boolean },
): Memory {
  const key = keyOf(session)
  const track = memory.sessions.get(key)
  const stage = track?.stages.get(rule.name)
  if (track === undefined || stage === undefined) return memory
  const undone = {
    ...stage,
    isOver: false,
    notBeforeMs: memory.atMs + retryMs,
    ...(step === 'cancel' ? { cancelledMs: null } : { terminatedMs: null }),
  }
  const stages = new Map(track.stages).set(rule.name, undone)
  const counted = memory.acts.findLastIndex((one) => one.rule === rule.name && one.atMs === memory.atMs)
  return {
    ...memory,
    acts: mayHaveBeenSent ? memory.acts : memory.acts.filter((_, index) => index !== counted),
    sessions: new Map(memory.sessions).set(key, { ...track, stages }),
  }
}
