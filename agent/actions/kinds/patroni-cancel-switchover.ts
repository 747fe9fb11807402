import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action } from '../action.ts'
import type { PatroniAccess } from '../patroni/access.ts'
import { expectAnswer } from '../patroni/expect-answer.ts'
import { forced } from '../patroni/force.ts'
import { withPatroni } from '../patroni/with-patroni.ts'

const args = z.strictObject({ scope: forced.scope })

export const patroniCancelSwitchover = (
  patronis: readonly PatroniAccess[],
): Action<z.infer<typeof args>> => ({
  kind: 'patroni-cancel-switchover',
  what: 'take back a switchover that is scheduled',
  risk: 'change',
  target: 'node',
  args,
  deadlineMs: 60_000,
  examples: ['run patroni-cancel-switchover -n pg-main-1'],
  plan: (_context, { scope: wanted }) =>
    withPatroni(patronis, wanted, (_patroni, { scope, scheduled }) =>
      Promise.resolve([
        scheduled === undefined
          ? `no switchover of ${scope} is scheduled; nothing would be done`
          : `takes back the switchover of ${scope} ${scheduled}`,
      ]),
    ),
  run: ({ signal }, { scope: wanted }) =>
    withPatroni(patronis, wanted, async (patroni, { scope, scheduled }) => {
      if (scheduled === undefined) {
        return { message: `No switchover of ${scope} is scheduled; nothing was done.`, output: [] }
      }
      const answer = await patroni.change('DELETE', '/switchover', {}, { timeoutMs: 15_000, signal })
      expectAnswer(answer, [200])
      return { message: `Patroni: ${answer.text}; it was ${scheduled}.`, output: [] }
    }),
  verify: (_context, { scope: wanted }) =>
    withPatroni(patronis, wanted, (_patroni, { scope, scheduled }) => {
      if (scheduled === undefined) return Promise.resolve([`no switchover of ${scope} is scheduled`])
      throw new PgherdError('COMMAND_FAILED', `a switchover is scheduled still: ${scheduled}`)
    }),
})
