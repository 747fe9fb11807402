import { commandsAnswer, sentCommands } from '../../common/command/command-view.ts'
import type { CommandState, CommandView } from '../../common/command/command-view.ts'
import type { SignedCommand } from '../../common/command/signed-command.ts'
import { PgherdError } from '../../common/errors.ts'
import type { CollectorClient } from '../client.ts'
import type { CliContext } from '../context.ts'

const unfinished: ReadonlySet<CommandState> = new Set(['held', 'queued', 'delivered', 'running'])

export function isFinished({ state }: { readonly state: CommandState }): boolean {
  return !unfinished.has(state)
}

/** @throws PgherdError REFUSED with the first reason when the collector took none of them */
export async function sendAll(
  client: CollectorClient,
  commands: readonly SignedCommand[],
  signaturesNeeded: number,
): Promise<readonly string[]> {
  const ids: string[] = []
  const errors: string[] = []
  for (let at = 0; at < commands.length; at += 1_000) {
    const json = { commands: commands.slice(at, at + 1_000), signatures_needed: signaturesNeeded }
    const { data } = await client.call('POST', '/api/v1/commands', sentCommands, { json })
    for (const { id, error } of data) {
      if (error !== null) errors.push(error)
      else if (id !== null) ids.push(id)
    }
  }
  if (ids.length === 0) throw new PgherdError('REFUSED', errors[0] ?? 'the collector took no command')
  if (errors.length > 0)
    throw new PgherdError(
      'REFUSED',
      `${errors.length} of ${commands.length} commands were not taken: ${errors[0] ?? ''}`,
    )
  return ids
}

/** What was sent goes on while the collector restarts. */
const againMs = 1_000

function mayComeBack(error: unknown): boolean {
  return error instanceof PgherdError && error.code === 'UNREACHABLE'
}

/** How long one question is held open by the collector. */
const holdMs = 20_000

/**
 * The commands as they change, until all have ended, `untilMs` (monotonic) has come or the signal aborts.
 * @param onChange with those that changed since it was called before
 * @returns the last view of each, in the order of `ids`
 */
export async function follow(
  context: CliContext,
  client: CollectorClient,
  ids: readonly string[],
  options: { readonly untilMs: number; readonly onChange: (changed: readonly CommandView[]) => void },
): Promise<readonly CommandView[]> {
  const { clock, signal } = context
  const latest = new Map<string, CommandView>()
  let after = 0
  const open = (): readonly string[] =>
    ids.filter((id) => {
      const known = latest.get(id)
      return known === undefined || !isFinished(known)
    })
  while (!signal.aborted) {
    const waiting = open()
    const leftMs = options.untilMs - clock.monotonic()
    if (waiting.length === 0 || leftMs <= 0) break
    const timeoutMs = Math.round(Math.min(holdMs, leftMs))
    const changed: CommandView[] = []
    for (let at = 0; at < waiting.length; at += 1_000) {
      const part = waiting.slice(at, at + 1_000)
      const json = { ids: part, after, timeout_ms: waiting.length > 1_000 ? 0 : timeoutMs }
      const asked = client.call('POST', '/api/v1/commands/wait', commandsAnswer, {
        json,
        extraMs: timeoutMs,
        signal,
      })
      const answer = await asked.catch(async (error: unknown) => {
        if (!mayComeBack(error) || leftMs <= againMs) throw error
        context.status(`the collector does not answer; ${ids[0] ?? ''} goes on, and is waited for`)
        await clock.sleep(againMs, signal)
        return { data: [] }
      })
      changed.push(...answer.data)
    }
    for (const view of changed) {
      latest.set(view.id, view)
      after = Math.max(after, view.version)
    }
    if (changed.length > 0) options.onChange(changed)
    else if (waiting.length > 1_000) await clock.sleep(200, signal)
  }
  return ids.flatMap((id) => latest.get(id) ?? [])
}
