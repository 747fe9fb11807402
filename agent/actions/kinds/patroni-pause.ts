import { z } from 'zod'
import type { Action } from '../action.ts'
import type { PatroniAccess } from '../patroni/access.ts'
import { forced, planProblems, unlessForced } from '../patroni/force.ts'
import { describeMember } from '../patroni/members.ts'
import { storeProblem } from '../patroni/problems.ts'
import { expectPause, setPause } from '../patroni/set-pause.ts'
import type { Situation } from '../patroni/situation.ts'
import { withPatroni } from '../patroni/with-patroni.ts'

const args = z.strictObject(forced)

export const patroniPause = (patronis: readonly PatroniAccess[]): Action<z.infer<typeof args>> => ({
  kind: 'patroni-pause',
  what: 'have Patroni leave its cluster alone: no failover until patroni-resume',
  risk: 'destructive',
  target: 'node',
  args,
  deadlineMs: 60_000,
  mayBeLeft: 'the cluster may be paused; agentctl ha list tells, and patroni-resume ends it',
  examples: ['run patroni-pause -n pg-main-1'],
  plan: (_context, { scope, force }) =>
    withPatroni(patronis, scope, (_patroni, situation) =>
      Promise.resolve([
        situation.isPaused
          ? `${situation.scope} is paused already; nothing would be done`
          : `pauses ${situation.scope}: nobody takes over when its leader fails`,
        ...situation.members.map(describeMember),
        ...planProblems(problemsOf(situation), force),
      ]),
    ),
  run: (context, { scope, force }) =>
    withPatroni(patronis, scope, async (patroni, situation) => {
      if (situation.isPaused) return { message: `${situation.scope} was paused already.`, output: [] }
      const forcedText = unlessForced(problemsOf(situation), force)
      await setPause(context, patroni, true)
      return { message: `${situation.scope} is paused; patroni-resume ends it.${forcedText}`, output: [] }
    }),
  verify: (context, { scope }) =>
    withPatroni(patronis, scope, (patroni, situation) => expectPause(context, patroni, situation, true)),
})

function problemsOf(situation: Situation): readonly string[] {
  const { leader, scope, scheduled } = situation
  return [
    ...storeProblem(situation),
    ...(leader === undefined ? [`nobody leads ${scope}, and while it is paused nobody will`] : []),
    ...(scheduled === undefined ? [] : [`a switchover is scheduled, and would not be done: ${scheduled}`]),
  ]
}
