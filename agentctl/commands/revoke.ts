import type { Command } from 'commander'
import { revokedNodeAnswer } from '../../common/wire/tokens.ts'
import { confirmByName } from '../confirm.ts'
import type { CliContext } from '../context.ts'
import { present } from '../present.ts'
import { printable } from '../terminal.ts'

/** `agentctl revoke NODE`: ends a node's certificates, join tokens and channel at once. */
export function addRevoke(program: Command, context: CliContext): void {
  program
    .command('revoke')
    .description('put a node out of the fleet: its certificates and join tokens end at once')
    .argument('<node>', 'name of the node, such as pg-main-1')
    .option('--reason <text>', 'why, for the audit', '')
    .option('--yes', 'do not ask', false)
    .addHelpText(
      'after',
      `
Its channel is closed at once. It can join again with a new join token (agentctl enroll).

Examples:
  agentctl revoke pg-main-3 --reason 'the host was given back'

Exit status: 0 done, 1 no such node, 2 wrong usage, 3 refused or not confirmed, 4 unreachable, 5 timed out.`,
    )
    .action(async (node: string, { reason, yes }: { reason: string; yes: boolean }) => {
      await confirmByName(context, {
        name: node,
        what: `The agent of ${node} will be refused until it joins again; what it measured is kept.`,
        yes,
      })
      const path = `/api/v1/nodes/${encodeURIComponent(node)}/revoke`
      const { data } = await context.client().call('POST', path, revokedNodeAnswer, { json: { reason } })
      if (context.format() !== 'table') {
        present(context, {
          columns: [{ title: 'NODE' }, { title: 'CERTIFICATES' }, { title: 'JOIN TOKENS' }],
          rows: [[data.node, String(data.certificates), String(data.joinTokens)]],
          data,
          nothing: '',
        })
        return
      }
      context.terminal.print(
        printable(
          `${data.node} is out: ${data.certificates} certificates and ${data.joinTokens} open join tokens ended`,
        ),
      )
    })
}
