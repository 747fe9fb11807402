import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action } from '../action.ts'
import type { PatroniAccess } from '../patroni/access.ts'
import { forced, planProblems, unlessForced } from '../patroni/force.ts'
import { handOver, verifyHandOver } from '../patroni/hand-over.ts'
import { describeMember, memberNamed } from '../patroni/members.ts'
import { scheduledProblem, storeProblem } from '../patroni/problems.ts'
import type { Situation } from '../patroni/situation.ts'
import { candidateProblems } from '../patroni/standby-problems.ts'
import { withPatroni } from '../patroni/with-patroni.ts'

const args = z.strictObject({
  candidate: z.string().max(256).describe('who is to lead'),
  ...forced,
})

export const patroniFailover = (patronis: readonly PatroniAccess[]): Action<z.infer<typeof args>> => ({
  kind: 'patroni-failover',
  what: 'make a standby lead a cluster that has no leader, or whose leader does not answer',
  risk: 'destructive',
  target: 'node',
  args,
  deadlineMs: 180_000,
  mayBeLeft: 'Patroni may have gone on with the failover; agentctl ha list tells who leads',
  examples: ['run patroni-failover -n pg-main-2 candidate=pg-main-2'],
  plan: (_context, given) =>
    withPatroni(patronis, given.scope, (_patroni, situation) =>
      Promise.resolve([
        `asks Patroni to make ${given.candidate} lead ${situation.scope}, without asking ${situation.leader?.name ?? 'a leader'}`,
        ...situation.members.map(describeMember),
        'commits that the candidate has not received are lost',
        ...planProblems(problemsOf(situation, given.candidate), given.force),
      ]),
    ),
  run: (context, given) =>
    withPatroni(patronis, given.scope, async (patroni, situation) => {
      const problems = problemsOf(situation, given.candidate)
      const forcedText = unlessForced(problems, given.force)
      const body = { candidate: given.candidate }
      return handOver(context, patroni, situation, { path: '/failover', body, problems, forcedText })
    }),
  verify: (context, given, done) =>
    withPatroni(patronis, given.scope, (patroni) => verifyHandOver(context, patroni, done)),
})

/** @throws PgherdError NOT_FOUND for a candidate that is no member, REFUSED for the leader itself */
function problemsOf(situation: Situation, named: string): readonly string[] {
  const { leader, members, nodes, scope } = situation
  const candidate = memberNamed(members, named, scope)
  if (candidate.name === leader?.name) throw new PgherdError('REFUSED', `${named} leads ${scope} already`)
  const isAlive = leader !== undefined && nodes.get(leader.name)?.state === 'running'
  return [
    ...(isAlive ? [`${leader.name} leads and answers: patroni-switchover hands over in order`] : []),
    ...storeProblem(situation),
    ...scheduledProblem(situation),
    ...candidateProblems(situation, candidate),
  ]
}
