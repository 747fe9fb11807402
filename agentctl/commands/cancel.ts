import type { Command } from 'commander'
import { PgherdError } from '../../common/errors.ts'
import type { CliContext } from '../context.ts'
import { loadOperatorKey } from '../operator.ts'
import { findCommand, shortId } from '../steer/find-command.ts'
import { isFinished } from '../steer/follow.ts'
import { throwUnlessDone } from '../steer/outcome.ts'
import { sendAndWait } from '../steer/run-action.ts'
import { showViews } from './run.ts'

/** What the agents' action says of itself. */
const cancelAction = { kind: 'cancel', deadlineMs: 10_000 }

/** `agentctl cancel ID`: a signed command like others, to the node whose command is to end. */
export function addCancel(program: Command, context: CliContext): void {
  program
    .command('cancel')
    .description('end a command that waits or runs')
    .argument('<id>', 'the command, by its id or the beginning of it')
    .option('--reason <text>', 'why, for the audit', '')
    .addHelpText(
      'after',
      `
To cancel is a command itself: it is signed with your key, and the agent decides by its own policy. What was done until then is not
undone. A command that is held for a second operator needs no cancel: without his signature it expires.

Examples:
  agentctl cancel 6f1c2f0e --reason 'vacuum in the wrong window'
  agentctl commands --state running

Exit status: 0 it has ended, 1 failed or no such command, 3 refused or over already, 4 unreachable, 5 timed out.`,
    )
    .action(async (id: string, { reason }: { reason: string }) => {
      const client = context.client()
      const view = await findCommand(client, id)
      if (isFinished(view))
        throw new PgherdError('REFUSED', `${shortId(view.id)} is over already: ${view.state}`)
      if (view.state === 'held') {
        const end = new Date(view.expiresMs).toISOString()
        throw new PgherdError(
          'REFUSED',
          `${shortId(view.id)} has not left: it waits for a second operator, and expires at ${end} without him`,
        )
      }
      if (view.state === 'queued') {
        context.warn(
          `the agent of ${view.node} is away: it gets the command first when it returns, and then the cancel`,
        )
      }
      const views = await sendAndWait(
        context,
        client,
        {
          action: cancelAction,
          args: { command: view.id },
          targets: [{ node: view.node, server: null, systemIdentifier: null }],
          key: await loadOperatorKey(context),
          reason,
          lifetimeMs: Math.max(60_000, view.expiresMs - context.clock.now()),
          signaturesNeeded: 1,
        },
        'run',
        context.timeoutMs(),
      )
      showViews(context, views)
      throwUnlessDone(views, 1)
    })
}
