import { expect } from 'vitest'
import type { RefusalReason } from '../../../../agent/actions/refusal.ts'
import type { SignedCommand } from '../../../../common/command/signed-command.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import { findingsOf } from '../../../common/audit/findings-of.ts'
import type { Host } from '../host.ts'
import { startAttackedHost } from './attacked-host.ts'

export interface Attempt {
  readonly what: string
  readonly reason: RefusalReason
  /** What is sent; what came before it has been let run. */
  command(host: Host): SignedCommand | Promise<SignedCommand>
}

/** Nothing is run, the audit and the counters say why, and every answer is a refusal. */
export async function expectRefused(attempt: Attempt): Promise<void> {
  await using host = await startAttackedHost()
  const sent = await attempt.command(host)
  const before = [...host.ran]
  host.sent.length = 0
  host.commands.submit(sent)

  await waitFor('its entry in the audit', async () => {
    const refused = (await host.audit()).filter(({ event }) => event === 'refused')
    return refused.length === 1 && refused[0]?.outcome?.startsWith(`${attempt.reason}: `)
  })
  expect(host.commands.counters.refusals).toEqual({ [attempt.reason]: 1 })
  expect(host.ran).toEqual(before)
  expect(findingsOf(await host.audit())).toEqual([])
  const answers = host.sent.filter((message) => message.type === 'command-result')
  expect(
    answers.map(({ result }) => result.outcome).filter((one) => one !== 'refused' && one !== 'unsupported'),
  ).toEqual([])
}
