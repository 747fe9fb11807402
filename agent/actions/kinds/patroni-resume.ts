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

export const patroniResume = (patronis: readonly PatroniAccess[]): Action<z.infer<typeof args>> => ({
  kind: 'patroni-resume',
  what: 'have Patroni manage its cluster again, after patroni-pause',
  risk: 'change',
  target: 'node',
  args,
  deadlineMs: 60_000,
  examples: ['run patroni-resume -n pg-main-1'],
  plan: (_context, { scope, force }) =>
    withPatroni(patronis, scope, (_patroni, situation) =>
      Promise.resolve([
        situation.isPaused
          ? `resumes ${situation.scope}: Patroni brings it in order at once, by a failover if need be`
          : `${situation.scope} is not paused; nothing would be done`,
        ...situation.members.map(describeMember),
        ...planProblems(problemsOf(situation), force),
      ]),
    ),
  run: (context, { scope, force }) =>
    withPatroni(patronis, scope, async (patroni, situation) => {
      if (!situation.isPaused) return { message: `${situation.scope} was not paused.`, output: [] }
      const forcedText = unlessForced(problemsOf(situation), force)
      await setPause(context, patroni, false)
      return { message: `${situation.scope} is managed by Patroni again.${forcedText}`, output: [] }
    }),
  verify: (context, { scope }) =>
    withPatroni(patronis, scope, (patroni, situation) => expectPause(context, patroni, situation, false)),
})

function problemsOf(situation: Situation): readonly string[] {
  const { leader, nodes, scope, members } = situation
  const writing = members.filter(({ name }) => /^(primary|master)$/.test(nodes.get(name)?.role ?? ''))
  return [
    ...storeProblem(situation),
    ...(leader === undefined ? [`nobody leads ${scope}: a failover would begin at once`] : []),
    ...(leader !== undefined && nodes.get(leader.name)?.state !== 'running'
      ? [`the leader ${leader.name} does not run: a failover would begin at once`]
      : []),
    ...(writing.length > 1
      ? [
          `${writing.map(({ name }) => name).join(' and ')} are primaries: one of them would be rewound and lose its writes`,
        ]
      : []),
  ]
}
