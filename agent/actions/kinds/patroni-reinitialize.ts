import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action } from '../action.ts'
import type { PatroniAccess } from '../patroni/access.ts'
import { clusterDocument, nodeDocument } from '../patroni/documents.ts'
import { expectAnswer } from '../patroni/expect-answer.ts'
import { forced, planProblems, unlessForced } from '../patroni/force.ts'
import { describeMember, follows, isUp, leaderOf, leading } from '../patroni/members.ts'
import {
  onlySynchronousProblem,
  pausedProblem,
  scheduledProblem,
  silentProblem,
  storeProblem,
} from '../patroni/problems.ts'
import { ownMember } from '../patroni/situation.ts'
import type { Situation } from '../patroni/situation.ts'
import { withPatroni } from '../patroni/with-patroni.ts'

const args = z.strictObject({
  from_leader: z.boolean().default(false).describe('copy from the leader (Patroni 4), not from a replica'),
  ...forced,
})

export const patroniReinitialize = (patronis: readonly PatroniAccess[]): Action<z.infer<typeof args>> => ({
  kind: 'patroni-reinitialize',
  what: "remove the data of this node's standby, and copy it anew",
  risk: 'destructive',
  target: 'node',
  args,
  deadlineMs: 6 * 3_600_000,
  mayBeLeft: 'the copy goes on in Patroni; agentctl ha list tells the state of the member',
  examples: ['run patroni-reinitialize -n pg-main-3'],
  plan: (_context, given) =>
    withPatroni(patronis, given.scope, (_patroni, situation) => {
      const problems = judge(situation)
      return Promise.resolve([
        `REMOVES the data directory of ${ownMember(situation).name} and copies it anew`,
        ...situation.members.map(describeMember),
        ...planProblems(problems, given.force),
      ])
    }),
  run: (context, given) =>
    withPatroni(patronis, given.scope, async (patroni, situation) => {
      const forcedText = unlessForced(judge(situation), given.force)
      const body = { force: given.force, ...(given.from_leader ? { from_leader: true } : {}) }
      const bounds = { timeoutMs: 60_000, signal: context.signal }
      const answer = await patroni.change('POST', '/reinitialize', body, bounds)
      expectAnswer(answer, [200])
      const before = situation.ownNode.postmaster_start_time ?? ''
      return { before, message: `Patroni: ${answer.text}.${forcedText}`, output: [] }
    }),
  verify: (context, given, { before }) =>
    withPatroni(patronis, given.scope, async (patroni, situation) => {
      const { clock, signal } = context
      const { name } = ownMember(situation)
      const startedMs = clock.monotonic()
      let hasBegun = false
      for (;;) {
        const { members } = clusterDocument.parse(await patroni.get('/cluster'))
        const { state, postmaster_start_time: startedAt } = nodeDocument.parse(await patroni.get('/patroni'))
        const own = members.find((member) => member.name === name)
        const seconds = (clock.monotonic() - startedMs) / 1000
        if (own !== undefined) {
          // What the cluster knows of a member is as old as a cycle, and a small copy takes less.
          const isAnew = state === 'running' && startedAt !== null && startedAt !== before
          if (!isUp(own) || isAnew) hasBegun = true
          if (hasBegun && follows(own, leaderOf(members))) {
            return [`after ${seconds.toFixed(1)} s: ${describeMember(own)}`]
          }
          if (/failed|crashed/.test(own.state)) throw new PgherdError('COMMAND_FAILED', describeMember(own))
          context.progress(null, describeMember(own))
        }
        signal.throwIfAborted()
        if (!hasBegun && seconds > startSeconds) {
          throw new PgherdError('COMMAND_FAILED', `Patroni was not seen to begin within ${startSeconds} s`)
        }
        await clock.sleep(200, signal)
      }
    }),
})

const startSeconds = 60

/** @throws PgherdError REFUSED for what Patroni never does */
function judge(situation: Situation): readonly string[] {
  const { leader, scope } = situation
  const own = ownMember(situation)
  if (leader === undefined)
    throw new PgherdError('REFUSED', `nobody leads ${scope}: there is nothing to copy`)
  if (leading.has(own.role))
    throw new PgherdError('REFUSED', `${own.name} leads ${scope}; its data are the cluster's`)
  return [
    ...storeProblem(situation),
    ...pausedProblem(situation),
    ...onlySynchronousProblem(situation, own),
    ...(own.state === 'creating replica'
      ? [`${own.name} is being copied already: it would begin again`]
      : []),
    ...silentProblem(situation, leader, `the leader ${leader.name}`),
    ...scheduledProblem(situation),
  ]
}
