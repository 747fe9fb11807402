import type { MemberNow } from './documents.ts'
import { isSynchronousStandby, leading } from './members.ts'
import { pausedProblem, scheduledProblem, silentProblem, storeProblem } from './problems.ts'
import type { Situation } from './situation.ts'

/** Why a member would be a bad leader, a sentence each. */
export function candidateProblems(situation: Situation, candidate: MemberNow): readonly string[] {
  const { leader, settings } = situation
  const { name, lag, timeline, tags } = candidate
  const problems = [...silentProblem(situation, candidate)]
  if (tags['nofailover'] === true || tags['failover_priority'] === 0)
    problems.push(`${name} has the tag nofailover`)
  if (leader !== undefined && !isStreaming(situation, candidate)) {
    problems.push(`${name} does not stream from the leader (its state is ${candidate.state})`)
  }
  if (lag === null) problems.push(`nobody knows how far ${name} is behind`)
  else if (lag > settings.maximumLagBytes) {
    problems.push(
      `${name} is ${lag} bytes behind, more than maximum_lag_on_failover (${settings.maximumLagBytes})`,
    )
  }
  problems.push(...replayProblem(situation, candidate))
  if (settings.isSynchronous && !isSynchronousStandby(candidate)) {
    problems.push(`synchronous_mode is on and ${name} is not a synchronous standby`)
  }
  if (leader !== undefined && leader.timeline !== null && timeline !== leader.timeline) {
    problems.push(
      `${name} is on timeline ${timeline ?? 'unknown'}, the leader ${leader.name} on ${leader.timeline}`,
    )
  }
  return problems
}

/** What it has received counts as its own for Patroni, however little of it was replayed. */
function replayProblem({ nodes, settings }: Situation, { name }: MemberNow): readonly string[] {
  const node = nodes.get(name)
  const log = node?.xlog ?? node?.wal
  if (log == null || log.received_location === null || log.replayed_location === null) return []
  const bytes = log.received_location - log.replayed_location
  if (bytes <= settings.maximumLagBytes) return []
  const paused = log.paused ? ', and its replay is paused' : ''
  return [
    `${name} has not replayed ${bytes} bytes that it has received${paused}: it takes no writes before it has`,
  ]
}

/** Why a planned change of the cluster as a whole would be unsafe. */
export function clusterProblems(situation: Situation): readonly string[] {
  const { leader } = situation
  return [
    ...storeProblem(situation),
    ...pausedProblem(situation),
    ...scheduledProblem(situation),
    ...(leader === undefined ? [] : silentProblem(situation, leader, `the leader ${leader.name}`)),
    ...(leader === undefined ? [] : demotedProblem(situation, leader)),
  ]
}

/** A leader that cannot renew its key demotes itself before the key expires. */
function demotedProblem({ nodes }: Situation, { name }: MemberNow): readonly string[] {
  const role = nodes.get(name)?.role ?? null
  return role === null || leading.has(role) ? [] : [`${name} leads by Patroni's list, and is a ${role} now`]
}

/** Members that could take over and against which nothing speaks. */
export function goodCandidates(situation: Situation): readonly MemberNow[] {
  return situation.members.filter(
    (member) => !leading.has(member.role) && candidateProblems(situation, member).length === 0,
  )
}

/** Before 3.1 /cluster says running of whoever streams; then the leader's own list of standbys counts. */
function isStreaming({ leader, nodes }: Situation, { name, state }: MemberNow): boolean {
  if (state === 'streaming') return true
  if (state !== 'running' || leader === undefined) return false
  const standbys = nodes.get(leader.name)?.replication ?? []
  return standbys.some((standby) => standby.application_name === name && standby.state === 'streaming')
}
