import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action } from '../action.ts'
import type { PatroniAccess } from '../patroni/access.ts'
import { nodeDocument } from '../patroni/documents.ts'
import { expectAnswer } from '../patroni/expect-answer.ts'
import { forced, planProblems, unlessForced } from '../patroni/force.ts'
import { describeMember, leading } from '../patroni/members.ts'
import { onlySynchronousProblem, scheduledProblem, silentProblem } from '../patroni/problems.ts'
import { ownMember } from '../patroni/situation.ts'
import type { Situation } from '../patroni/situation.ts'
import { withPatroni } from '../patroni/with-patroni.ts'
import { whileLooking } from '../while-looking.ts'

const args = z.strictObject({
  pending_only: z.boolean().default(false).describe('only if a setting waits for a restart'),
  timeout_s: z
    .int()
    .min(1)
    .max(3_600)
    .default(60)
    .describe('how long the server may take to start; a leader that takes longer is failed over from'),
  ...forced,
})
type Args = z.infer<typeof args>

export const patroniRestart = (patronis: readonly PatroniAccess[]): Action<Args> => ({
  kind: 'patroni-restart',
  what: "restart this node's PostgreSQL through its Patroni",
  risk: 'destructive',
  target: 'node',
  args,
  deadlineMs: 300_000,
  mayBeLeft: 'the restart may have gone on; agentctl ha list tells the state of the member',
  examples: ['run patroni-restart -n pg-main-2 pending_only'],
  plan: (_context, given) =>
    withPatroni(patronis, given.scope, (_patroni, situation) =>
      Promise.resolve([
        ...(given.pending_only && !situation.ownNode.pending_restart
          ? ['no setting waits for a restart; nothing would be done']
          : [`restarts PostgreSQL of ${ownMember(situation).name}; its sessions end`]),
        describeMember(ownMember(situation)),
        ...planProblems(problemsOf(situation), given.force),
      ]),
    ),
  run: (context, given) =>
    withPatroni(patronis, given.scope, async (patroni, situation) => {
      const { ownNode } = situation
      const own = ownMember(situation)
      if (given.pending_only && !ownNode.pending_restart) {
        return { message: `No setting of ${own.name} waits for a restart; nothing was done.`, output: [] }
      }
      const problems = problemsOf(situation)
      const forcedText = unlessForced(problems, given.force)
      const { clock, signal } = context
      const startedMs = clock.monotonic()
      const body = { timeout: given.timeout_s, ...(given.pending_only ? { restart_pending: true } : {}) }
      const timeoutMs = given.timeout_s * 1000 + 2_000 * Math.max(10, situation.settings.loopWaitSeconds)
      const posting = patroni.change('POST', '/restart', body, { timeoutMs, signal })
      const answer = await whileLooking(context, posting, async () => {
        const { state } = nodeDocument.parse(await patroni.get('/patroni'))
        context.progress(null, `${own.name} is ${state ?? 'in an unknown state'}`)
      })
      expectAnswer(answer, [200])
      const facts = {
        member: own.name,
        started_before: ownNode.postmaster_start_time,
        ms: Math.round(clock.monotonic() - startedMs),
        forced_against: [...problems],
      }
      return {
        before: ownNode.postmaster_start_time ?? '',
        message: `Patroni: ${answer.text}, after ${(facts.ms / 1000).toFixed(1)} s.${forcedText}`,
        output: [{ type: 'facts', title: situation.scope, facts }],
      }
    }),
  verify: (context, given, { before }) =>
    withPatroni(patronis, given.scope, async (patroni) => {
      // Nothing waited for a restart.
      if (before === undefined) return []
      const untilMs = context.clock.monotonic() + patienceMs
      for (;;) {
        const node = nodeDocument.parse(await patroni.get('/patroni'))
        const startedAt = node.postmaster_start_time
        if (node.state === 'running' && startedAt !== null && startedAt !== before) {
          return [
            `it runs since ${startedAt}, as ${node.role ?? 'unknown'}`,
            node.pending_restart ? 'a setting still waits for a restart' : 'no setting waits for a restart',
          ]
        }
        context.signal.throwIfAborted()
        if (context.clock.monotonic() >= untilMs) {
          const message = `its state is ${node.state ?? 'unknown'}, and it runs since ${startedAt ?? 'an unknown time'}`
          throw new PgherdError('COMMAND_FAILED', message)
        }
        await context.clock.sleep(500, context.signal)
      }
    }),
})

const patienceMs = 30_000

function problemsOf(situation: Situation): readonly string[] {
  const { ownNode } = situation
  const own = ownMember(situation)
  return [
    ...(leading.has(own.role) ? [`${own.name} is the primary: nothing can be written until it is back`] : []),
    ...onlySynchronousProblem(situation, own),
    ...(ownNode.state === 'running'
      ? []
      : [`${own.name} does not run (its state is ${ownNode.state ?? 'unknown'})`]),
    ...silentProblem(situation, own),
    ...scheduledProblem(situation),
  ]
}
