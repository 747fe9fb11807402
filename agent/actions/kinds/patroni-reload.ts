import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action } from '../action.ts'
import type { PatroniAccess } from '../patroni/access.ts'
import { nodeDocument } from '../patroni/documents.ts'
import { expectAnswer } from '../patroni/expect-answer.ts'
import { forced } from '../patroni/force.ts'
import { describeMember } from '../patroni/members.ts'
import { ownMember } from '../patroni/situation.ts'
import { withPatroni } from '../patroni/with-patroni.ts'

const args = z.strictObject({ scope: forced.scope })

export const patroniReload = (patronis: readonly PatroniAccess[]): Action<z.infer<typeof args>> => ({
  kind: 'patroni-reload',
  what: "have this node's Patroni read its own file again, and PostgreSQL its settings",
  risk: 'change',
  target: 'node',
  args,
  deadlineMs: 60_000,
  examples: ['run patroni-reload -n pg-main-1'],
  plan: (_context, { scope }) =>
    withPatroni(patronis, scope, (_patroni, situation) =>
      Promise.resolve([
        `has Patroni of ${ownMember(situation).name} read its file again; what takes a restart waits for it`,
        describeMember(ownMember(situation)),
      ]),
    ),
  run: ({ signal }, { scope }) =>
    withPatroni(patronis, scope, async (patroni) => {
      const answer = await patroni.change('POST', '/reload', {}, { timeoutMs: 15_000, signal })
      expectAnswer(answer, [200, 202])
      return { message: `Patroni: ${answer.text}.`, output: [] }
    }),
  verify: ({ clock, signal }, { scope }) =>
    withPatroni(patronis, scope, async (patroni, { settings }) => {
      // It reads in its next cycle, and does not tell when it has.
      await clock.sleep(1_000 * settings.loopWaitSeconds + 500, signal)
      signal.throwIfAborted()
      const node = nodeDocument.parse(await patroni.get('/patroni'))
      if (node.state !== 'running') {
        throw new PgherdError('COMMAND_FAILED', `after a cycle its state is ${node.state ?? 'unknown'}`)
      }
      return [
        `it runs after a cycle of Patroni (${settings.loopWaitSeconds} s)`,
        node.pending_restart ? 'a setting waits for a restart' : 'no setting waits for a restart',
      ]
    }),
})
