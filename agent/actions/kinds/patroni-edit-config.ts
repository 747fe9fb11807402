import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action } from '../action.ts'
import type { PatroniAccess } from '../patroni/access.ts'
import type { PatroniClient } from '../patroni/client.ts'
import { applyPatch, describeChanges, isObject } from '../patroni/config-patch.ts'
import type { JsonObject } from '../patroni/config-patch.ts'
import { configProblems } from '../patroni/config-problems.ts'
import { clusterDocument, configDocument } from '../patroni/documents.ts'
import { expectAnswer } from '../patroni/expect-answer.ts'
import { forced, planProblems, unlessForced } from '../patroni/force.ts'
import { pausedProblem, scheduledProblem, storeProblem } from '../patroni/problems.ts'
import type { Situation } from '../patroni/situation.ts'
import { withPatroni } from '../patroni/with-patroni.ts'

const args = z.strictObject({
  patch: z
    .string()
    .max(32_768)
    .refine((text) => parsePatch(text) !== undefined, 'a JSON object')
    .describe('what changes, as JSON: {"postgresql": {"parameters": {"work_mem": "8MB"}}}; null removes'),
  ...forced,
})

export const patroniEditConfig = (patronis: readonly PatroniAccess[]): Action<z.infer<typeof args>> => ({
  kind: 'patroni-edit-config',
  what: "change the cluster's dynamic configuration in Patroni",
  risk: 'destructive',
  target: 'node',
  args,
  deadlineMs: 60_000,
  mayBeLeft: 'the change may have been made; agentctl ha show tells the settings',
  examples: [`run patroni-edit-config -n pg-main-1 'patch={"maximum_lag_on_failover": 4194304}'`],
  plan: (_context, given) =>
    withPatroni(patronis, given.scope, async (patroni, situation) => {
      const { changes, problems } = await judge(patroni, situation, given.patch)
      return [
        ...(changes.length === 0 ? ['nothing differs; nothing would be done'] : changes),
        ...planProblems(problems, given.force),
      ]
    }),
  run: (context, given) =>
    withPatroni(patronis, given.scope, async (patroni, situation) => {
      const { changes, patch, problems } = await judge(patroni, situation, given.patch)
      if (changes.length === 0) return { message: 'Nothing differs; nothing was done.', output: [] }
      const forcedText = unlessForced(problems, given.force)
      const bounds = { timeoutMs: 15_000, signal: context.signal }
      expectAnswer(await patroni.change('PATCH', '/config', patch, bounds), [200])
      return {
        message: `The configuration of ${situation.scope} is changed.${forcedText}`,
        output: [{ type: 'text', title: 'Changes', lines: [...changes] }],
      }
    }),
  verify: (context, given) =>
    withPatroni(patronis, given.scope, async (patroni, situation) => {
      const { changes } = await judge(patroni, situation, given.patch)
      if (changes.length > 0) throw new PgherdError('COMMAND_FAILED', `it still is: ${changes.join('; ')}`)
      // Members read it in their next cycle, and tell then what waits for a restart.
      await context.clock.sleep(1_000 * situation.settings.loopWaitSeconds + 1_000, context.signal)
      context.signal.throwIfAborted()
      const { members } = clusterDocument.parse(await patroni.get('/cluster'))
      const waiting = members.filter((member) => member.pending_restart).map(({ name }) => name)
      return [
        'it is as it was asked for',
        waiting.length === 0
          ? 'no member waits for a restart'
          : `a restart is needed on ${waiting.join(', ')} (patroni-restart pending_only)`,
      ]
    }),
})

async function judge(patroni: PatroniClient, situation: Situation, text: string) {
  const patch = parsePatch(text) ?? {}
  const config = await patroni.get('/config')
  if (!isObject(config))
    throw new PgherdError('BAD_DATA', `Patroni has no configuration of ${situation.scope}`)
  const after = applyPatch(config, patch)
  const { ttlSeconds, loopWaitSeconds } = configDocument.parse(after)
  const retry = typeof after['retry_timeout'] === 'number' ? after['retry_timeout'] : 10
  // Source: Patroni 4.1, docs/dynamic_configuration.rst.
  const neededSeconds = loopWaitSeconds + 2 * retry
  return {
    patch,
    changes: describeChanges(config, after),
    problems: [
      ...configProblems(patch),
      ...(neededSeconds > ttlSeconds
        ? [`loop_wait + 2 * retry_timeout would be ${neededSeconds} s, more than ttl (${ttlSeconds} s)`]
        : []),
      ...('pause' in patch ? ['pause is for patroni-pause and patroni-resume'] : []),
      ...('standby_cluster' in patch ? ['standby_cluster makes the leader a standby, or promotes it'] : []),
      ...('pause' in patch ? [] : pausedProblem(situation)),
      ...storeProblem(situation),
      ...scheduledProblem(situation),
    ],
  }
}

function parsePatch(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
