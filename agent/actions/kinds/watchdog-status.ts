import { z } from 'zod'
import type { ActionOutput } from '../../../common/command/result.ts'
import { printDuration } from '../../../common/config/kinds.ts'
import { PgherdError } from '../../../common/errors.ts'
import type { Action } from '../action.ts'
import { serverOf } from '../server-of.ts'
import type { WatchdogControls, WatchdogSeen } from '../watchdog/controls.ts'

const args = z.strictObject({
  limit: z.int().min(1).max(1_000).default(50).describe('at most so many sessions'),
})

export const watchdogStatus = (controls: WatchdogControls | undefined): Action<z.infer<typeof args>> => ({
  kind: 'watchdog-status',
  what: 'stuck sessions as the watchdog sees them now, and what its policy does about them',
  risk: 'read',
  target: 'server',
  asksAgentAlone: true,
  args,
  deadlineMs: 30_000,
  examples: ['run watchdog-status -n pg-main-1'],
  plan: () => Promise.resolve(['reads what the watchdog knows; changes nothing']),
  run(context, { limit }) {
    const server = serverOf(context)
    const seen = controls?.status(server)
    if (seen === undefined || (seen.isDry === undefined && seen.problems.length === 0)) {
      const why =
        'has no policy of a watchdog (watchdog.policy_file), so that no stuck sessions are looked for'
      return Promise.reject(new PgherdError('NOT_SUPPORTED', `this agent ${why}`))
    }
    return Promise.resolve({ message: `${server}: ${sentenceOf(seen)}`, output: tablesOf(seen, limit) })
  },
})

function sentenceOf({ isDry, sessions, lookedMs }: WatchdogSeen): string {
  if (isDry === undefined) return 'the policy of the watchdog has mistakes, so that nothing is done.'
  const count = `${sessions.length} stuck ${sessions.length === 1 ? 'session' : 'sessions'}`
  const when = lookedMs === null ? 'before the first look' : `${shown(lookedMs)} ago`
  return `${count}, ${when}; ${isDry ? 'the policy is tried, and nobody is signalled' : 'the policy is in force'}.`
}

function tablesOf(seen: WatchdogSeen, limit: number): ActionOutput[] {
  const { problems, rules, sessions, leftovers } = seen
  const output: ActionOutput[] = []
  if (problems.length > 0) {
    output.push({ type: 'text', title: 'Mistakes of the policy file', lines: [...problems] })
  }
  output.push(
    table(
      'Sessions',
      ['pid', 'user', 'database', 'application', 'client', 'rule', 'since', 'harm', 'what comes next'],
      {
        rows: sessions
          .slice(0, limit)
          .map((one) => [
            ...[String(one.pid), one.role, one.database, one.application, one.client, one.rule],
            ...[shown(one.heldMs), one.harm.join('; '), one.next],
          ]),
        truncated: sessions.length > limit,
      },
    ),
  )
  if (leftovers.length > 0) {
    output.push(
      table('For a person to decide', ['what', 'name', 'about'], {
        rows: leftovers.slice(0, limit).map((one) => [one.case, one.name, one.about]),
        truncated: leftovers.length > limit,
      }),
    )
  }
  output.push(
    table(
      'Rules',
      ['rule', 'case', 'action', 'after', 'found', 'signalled', 'would be', 'held up by caps', 'failed'],
      {
        rows: rules.map((one) => [
          ...[one.name, one.case, one.action, shown(one.afterMs), String(one.found), String(one.signalled)],
          ...[String(one.wouldBeSignalled), String(one.capped), String(one.failed)],
        ]),
        truncated: false,
      },
    ),
  )
  return output
}

function table(
  title: string,
  names: readonly string[],
  { rows, truncated }: { readonly rows: string[][]; readonly truncated: boolean },
): ActionOutput {
  const isNumber = (name: string): boolean =>
    ['pid', 'found', 'signalled', 'would be', 'held up by caps', 'failed'].includes(name)
  return {
    ...{ type: 'table', title, rows, truncated },
    columns: names.map((name) => ({ name, align: isNumber(name) ? 'right' : 'left' })),
  }
}

function shown(ms: number): string {
  return ms < 1_000 ? '0s' : printDuration(Math.floor(ms / 1_000) * 1_000)
}
