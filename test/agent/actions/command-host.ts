import { z } from 'zod'
import type { Action, ActionContext } from '../../../agent/actions/action.ts'
import type { CommandPayload } from '../../../common/command/payload.ts'
import { generateSigningKey } from '../../../common/command/private-key.ts'
import { signCommand } from '../../../common/command/sign.ts'
import { payloadAt, startHost } from './host.ts'
import type { Host } from './host.ts'

export const anna = generateSigningKey('anna')
export const ben = generateSigningKey('ben')
export const all = 'rules: [{ kinds: [read, change, destructive] }]'

/** An action that ends when the test says so. */
export function held(kind = 'work', risk: Action['risk'] = 'change') {
  const begun: ActionContext[] = []
  const releases: (() => void)[] = []
  let stubborn = false
  const action: Action = {
    kind,
    what: kind,
    risk,
    target: 'server',
    args: z.strictObject({}),
    deadlineMs: 1_000,
    examples: [],
    plan: () => Promise.resolve(['it would work']),
    async run(context) {
      begun.push(context)
      await new Promise<void>((resolve) => {
        releases.push(resolve)
        if (!stubborn) context.signal.addEventListener('abort', () => resolve())
      })
      context.signal.throwIfAborted()
      return { message: 'It is done.', output: [] }
    },
    verify: () => Promise.resolve(['it was looked at']),
  }
  return {
    action,
    begun,
    release: () => releases.shift()?.(),
    ignoreSignals: () => (stubborn = true),
  }
}

export async function start(...actions: readonly Action[]): Promise<Host> {
  const host = await startHost(actions.length === 0 ? {} : { actions })
  await host.operators(anna, ben)
  await host.policy(all)
  return host
}
export const submit = (host: Host, of: Partial<CommandPayload>): string => {
  const payload = payloadAt(host.clock.now(), { args: {}, ...of })
  host.commands.submit(signCommand(payload, anna))
  return payload.id
}
export const told = (host: Host, id: string) =>
  host.sent.filter((message) => 'id' in message && message.id === id).map(({ type }) => type)
export const events = async (host: Host) => (await host.audit()).map(({ event }) => event)
