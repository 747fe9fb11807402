import { z } from 'zod'
import type { Action } from '../action.ts'
import {
  baselineArg,
  boundArg,
  expectedArg,
  guardArg,
  guardSeconds,
  settingsArg,
  settingsOf,
  standbysArg,
} from '../tune/args.ts'
import { askedOf, controlsOf } from '../tune/asked-of.ts'
import { changeTables } from '../tune/change-tables.ts'
import type { ChangeRequest } from '../../../common/tuning/change-request.ts'
import type { TuneControls } from '../tune/controls.ts'
import { planLines } from '../tune/plan-lines.ts'
import type { PatroniAccess } from '../patroni/access.ts'

const args = z.strictObject({
  settings: settingsArg,
  expected: expectedArg,
  guard: guardArg,
  bound: boundArg,
  baseline_s: baselineArg,
  standbys_are_ready: standbysArg,
})
type Args = z.infer<typeof args>

export const tuneApply = (
  controls: TuneControls | undefined,
  patronis: readonly PatroniAccess[],
): Action<Args> => {
  const planned = async (context: Parameters<Action['plan']>[0], given: Args) => {
    const request = requestOf(given)
    const plan = await controlsOf(controls).plan(await askedOf(context, patronis), request)
    return { plan, steps: planLines(plan, request.guard) }
  }
  return {
    kind: 'tune-apply',
    what: 'change settings, look whether the server has taken them, and watch whether it does worse with them',
    risk: 'change',
    target: 'server',
    args,
    deadlineMs: 120_000,
    examples: [
      'run tune-apply -n pg-main-1 settings=work_mem=16MB settings=random_page_cost=1.1',
      'run tune-apply -n pg-main-1 settings=max_wal_size=8GB guard=2h bound=0.1',
    ],
    mayBeLeft:
      'the next start of the agent looks: what the server has taken is watched on, anything else is taken back',
    plan: async (context, given) => (await planned(context, given)).steps,
    async planInFull(context, given) {
      const { plan, steps } = await planned(context, given)
      return { steps, output: [{ type: 'facts', title: '', facts: { ...plan } }] }
    },
    async run(context, given) {
      const change = await controlsOf(controls).apply(await askedOf(context, patronis), requestOf(given), {
        command: context.command,
        mustUndo: (noted) => context.mustUndo(noted),
      })
      return {
        message: change.message,
        output: [...changeTables([change]), { type: 'facts', title: '', facts: { change: { ...change } } }],
      }
    },
    async undo(context, _given, noted) {
      return controlsOf(controls).undo(await askedOf(context, patronis), noted)
    },
  }
}

function requestOf(given: Args): ChangeRequest {
  const { settings, expected, guard, bound, baseline_s: baselineSeconds, standbys_are_ready } = given
  return {
    settings: settingsOf(settings),
    expected: settingsOf(expected ?? []),
    guard: { windowSeconds: guardSeconds(guard), bound, baselineSeconds },
    standbysAreReady: standbys_are_ready,
  }
}
