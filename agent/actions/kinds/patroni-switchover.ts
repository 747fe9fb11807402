import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action } from '../action.ts'
import type { PatroniAccess } from '../patroni/access.ts'
import { forced, planProblems, unlessForced } from '../patroni/force.ts'
import { handOver, verifyHandOver } from '../patroni/hand-over.ts'
import { describeMember, memberNamed } from '../patroni/members.ts'
import type { Situation } from '../patroni/situation.ts'
import { candidateProblems, clusterProblems, goodCandidates } from '../patroni/standby-problems.ts'
import { withPatroni } from '../patroni/with-patroni.ts'

const args = z.strictObject({
  leader: z.string().max(256).optional().describe('who has to lead now; whoever does unless told'),
  candidate: z
    .string()
    .max(256)
    .optional()
    .describe('who is to lead; the best that Patroni finds unless told'),
  scheduled_at: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('do it then, with a time zone, such as 2026-12-01T03:00:00+00:00; now unless told'),
  ...forced,
})

export const patroniSwitchover = (patronis: readonly PatroniAccess[]): Action<z.infer<typeof args>> => ({
  kind: 'patroni-switchover',
  what: 'hand the lead of a cluster that works over to a standby, in order',
  risk: 'destructive',
  target: 'node',
  args,
  deadlineMs: 180_000,
  mayBeLeft: 'Patroni may have gone on with the switchover; agentctl ha list tells who leads',
  examples: [
    'run patroni-switchover -n pg-main-1 candidate=pg-main-2',
    'run patroni-switchover -n pg-main-1 scheduled_at=2026-12-01T03:00:00+00:00',
  ],
  plan: ({ clock }, given) =>
    withPatroni(patronis, given.scope, (_patroni, situation) => {
      const { leader, candidate, problems } = judge(situation, given, clock.now())
      return Promise.resolve([
        `asks Patroni to hand ${situation.scope} over from ${leader} to ${candidate ?? 'the best standby'}${given.scheduled_at === undefined ? '' : ` at ${given.scheduled_at}`}`,
        ...situation.members.map(describeMember),
        'sessions on the leader end; writes wait or fail until the new one leads',
        ...planProblems(problems, given.force),
      ])
    }),
  run: (context, given) =>
    withPatroni(patronis, given.scope, async (patroni, situation) => {
      const { leader, candidate, problems } = judge(situation, given, context.clock.now())
      const forcedText = unlessForced(problems, given.force)
      const body = {
        leader,
        ...(candidate === undefined ? {} : { candidate }),
        ...(given.scheduled_at === undefined ? {} : { scheduled_at: given.scheduled_at }),
      }
      return handOver(context, patroni, situation, { path: '/switchover', body, problems, forcedText })
    }),
  verify: (context, given, done) =>
    withPatroni(patronis, given.scope, (patroni, situation) =>
      given.scheduled_at === undefined
        ? verifyHandOver(context, patroni, done)
        : Promise.resolve([scheduledStep(situation, given.scheduled_at, context.clock.now())]),
    ),
})

/** Its time comes in a cycle of Patroni, and then it is on no list any more. @throws PgherdError COMMAND_FAILED */
function scheduledStep({ scheduled, scope }: Situation, at: string, nowMs: number): string {
  if (scheduled !== undefined) {
    return `a switchover is scheduled ${scheduled}; until then patroni-cancel-switchover takes it back`
  }
  if (Date.parse(at) - nowMs > soonMs) {
    throw new PgherdError('COMMAND_FAILED', `Patroni has no switchover of ${scope} that is scheduled`)
  }
  return 'its time has come; agentctl ha list tells who leads'
}

const soonMs = 15_000

/** @throws PgherdError REFUSED for what no force can make right, NOT_FOUND for a candidate that is no member */
function judge(
  situation: Situation,
  given: z.infer<typeof args>,
  nowMs: number,
): { readonly leader: string; readonly candidate: string | undefined; readonly problems: readonly string[] } {
  const { leader, members, scope } = situation
  if (leader === undefined) {
    throw new PgherdError('REFUSED', `nobody leads ${scope} now; what is left is patroni-failover`)
  }
  if (given.leader !== undefined && given.leader !== leader.name) {
    throw new PgherdError('REFUSED', `${leader.name} leads ${scope} now, not ${given.leader}`)
  }
  if (given.scheduled_at !== undefined && Date.parse(given.scheduled_at) <= nowMs) {
    throw new PgherdError('REFUSED', `${given.scheduled_at} has passed; nothing was done`)
  }
  if (given.candidate === undefined) {
    const nobody =
      goodCandidates(situation).length === 0 ? ['there is no standby that could safely take over'] : []
    return { leader: leader.name, candidate: undefined, problems: [...clusterProblems(situation), ...nobody] }
  }
  if (given.candidate === leader.name)
    throw new PgherdError('REFUSED', `${leader.name} leads ${scope} already`)
  const candidate = memberNamed(members, given.candidate, scope)
  return {
    leader: leader.name,
    candidate: candidate.name,
    problems: [...clusterProblems(situation), ...candidateProblems(situation, candidate)],
  }
}
