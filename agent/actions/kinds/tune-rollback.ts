import { z } from 'zod'
import type { Action } from '../action.ts'
import { askedOf, controlsOf } from '../tune/asked-of.ts'
import { changeTables } from '../tune/change-tables.ts'
import type { TuneControls } from '../tune/controls.ts'
import type { PatroniAccess } from '../patroni/access.ts'

const args = z.strictObject({
  change: z
    .string()
    .min(4)
    .max(64)
    .optional()
    .describe('which, by its id or the beginning of it; the last one unless told'),
})

export const tuneRollback = (
  controls: TuneControls | undefined,
  patronis: readonly PatroniAccess[],
): Action<z.infer<typeof args>> => ({
  kind: 'tune-rollback',
  what: 'take a change of settings back; what somebody else has changed since stays as it is',
  risk: 'change',
  target: 'server',
  args,
  deadlineMs: 120_000,
  examples: ['run tune-rollback -n pg-main-1', 'run tune-rollback -n pg-main-1 change=6f1c2f0e'],
  mayBeLeft: 'the next start of the agent goes on with it',
  plan: async (context, { change }) =>
    controlsOf(controls).planRollback(await askedOf(context, patronis), change),
  async run(context, given) {
    const change = await controlsOf(controls).rollBack(await askedOf(context, patronis), given.change)
    return {
      message: change.message,
      output: [...changeTables([change]), { type: 'facts', title: '', facts: { change: { ...change } } }],
    }
  },
})
