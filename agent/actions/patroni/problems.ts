import type { MemberNow } from './documents.ts'
import { isSynchronousStandby } from './members.ts'
import type { Situation } from './situation.ts'

/** What speaks against more than one operation: a sentence each, none where it is as it should be. */

export function pausedProblem({ scope, isPaused }: Situation): readonly string[] {
  return isPaused ? [`${scope} is paused: Patroni does not manage it now`] : []
}

export function scheduledProblem({ scheduled }: Situation): readonly string[] {
  return scheduled === undefined ? [] : [`a switchover is scheduled: ${scheduled}`]
}

/** Patroni keeps in etcd what it is told, and who leads. */
export function storeProblem({ storeProblems }: Situation): readonly string[] {
  return storeProblems
}

/** @param who the member as the sentence has it */
export function silentProblem({ nodes }: Situation, { name }: MemberNow, who = name): readonly string[] {
  return nodes.get(name) === undefined ? [`${who} does not answer at its Patroni's address`] : []
}

/** A synchronous commit would have nobody to wait for without this member. */
export function onlySynchronousProblem(
  { settings, members }: Situation,
  { name }: MemberNow,
): readonly string[] {
  const synchronous = members.filter(isSynchronousStandby)
  return settings.isSynchronous && synchronous.length === 1 && synchronous[0]!.name === name
    ? [`${name} is the only synchronous standby: commits may wait until it is back`]
    : []
}
