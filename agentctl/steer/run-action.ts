import type { ActionDescription } from '../../common/command/action-description.ts'
import type { CommandView } from '../../common/command/command-view.ts'
import type { SigningKey } from '../../common/command/private-key.ts'
import { signCommand } from '../../common/command/sign.ts'
import { PgherdError } from '../../common/errors.ts'
import type { CollectorClient } from '../client.ts'
import type { CliContext } from '../context.ts'
import { composePayload } from './compose.ts'
import type { Target } from './compose.ts'
import { shortId } from './find-command.ts'
import { follow, isFinished, sendAll } from './follow.ts'

export interface ActionRun {
  readonly action: Pick<ActionDescription, 'kind' | 'deadlineMs'>
  readonly args: Readonly<Record<string, unknown>>
  readonly targets: readonly Target[]
  readonly key: SigningKey
  readonly reason: string
  /** How long an agent that is away may take to come back. */
  readonly lifetimeMs: number
  readonly deadlineMs?: number | undefined
  readonly signaturesNeeded: number
}

/** Signs one command per target and sends them. @returns their ids */
export function send(
  context: CliContext,
  client: CollectorClient,
  run: ActionRun,
  mode: 'plan' | 'run',
): Promise<readonly string[]> {
  const nowMs = context.clock.now()
  const commands = run.targets.map((target) => {
    const { action, args, reason, lifetimeMs, deadlineMs, key } = run
    const operator = key.name
    const payload = { action, args, mode, target, operator, reason, nowMs, lifetimeMs, deadlineMs }
    return signCommand(composePayload(payload), key)
  })
  return sendAll(client, commands, mode === 'plan' ? 1 : run.signaturesNeeded)
}

/** Signs, sends and waits, telling how far it is. @returns what became of each, in the order of the targets */
export async function sendAndWait(
  context: CliContext,
  client: CollectorClient,
  run: ActionRun,
  mode: 'plan' | 'run',
  waitMs: number,
): Promise<readonly CommandView[]> {
  const ids = await send(context, client, run, mode)
  const views = new Map<string, CommandView>()
  const written = new Map<string, number>()
  const untilMs = context.clock.monotonic() + waitMs
  const following = follow(context, client, ids, {
    untilMs,
    onChange(changed) {
      for (const view of changed) {
        views.set(view.id, view)
        // What an action writes while it runs, when there is one to read it.
        const before = written.get(view.id) ?? 0
        if (ids.length === 1 && view.written.length > before) {
          for (const line of view.written.slice(before).trimEnd().split('\n')) context.warn(line)
        }
        written.set(view.id, view.written.length)
      }
      context.status(statusOf([...views.values()], ids.length))
    },
  })
  const last = await following.catch((error: unknown) => {
    if (context.signal.aborted) return []
    throw error
  })
  context.status('')
  if (context.signal.aborted && !ids.every((id) => last.some((view) => view.id === id && isFinished(view)))) {
    throw new PgherdError('CANCELLED', goesOn(ids))
  }
  return last
}

/** Whoever interrupts agentctl has not stopped what it had sent. */
function goesOn(ids: readonly string[]): string {
  const [first = '', ...others] = ids
  return others.length === 0
    ? `not waited for any longer; the command ${first} is sent and goes on (agentctl cancel ${shortId(first)} ends it)`
    : `not waited for any longer; ${ids.length} commands are sent and go on (agentctl commands shows them)`
}

function statusOf(views: readonly CommandView[], count: number): string {
  const [only] = views
  if (count > 1 || only === undefined) return `${views.filter(isFinished).length} of ${count} done`
  if (isFinished(only)) return ''
  const { progress } = only
  const percent = progress?.percent ?? null
  return `${only.node}: ${only.state}${percent === null ? '' : ` ${Math.round(percent)} %`}${progress === null ? '' : ` ${progress.text}`}`
}
