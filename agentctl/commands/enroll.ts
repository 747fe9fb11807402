import { Option } from 'commander'
import type { Command } from 'commander'
import { joinTokenAnswer } from '../../common/wire/tokens.ts'
import type { CliContext } from '../context.ts'
import { lifetime } from '../lifetime.ts'
import { present } from '../present.ts'
import { setupLine } from '../setup-line.ts'
import { printable } from '../terminal.ts'

const dayMs = 86_400_000

/** `agentctl enroll CLS-SEQ`: a token with which one agent can join. */
export function addEnroll(program: Command, context: CliContext): void {
  program
    .command('enroll')
    .description(
      'offer a node to join the fleet: prints the line for its host, with a token that is good once',
    )
    .argument('<node>', 'the name it will have, <cluster>-<number>, such as pg-main-1')
    .addOption(
      new Option('--lifetime <duration>', 'how long the token is good')
        .default(3_600_000, '1h')
        .argParser(lifetime('1m to 7d', 60_000, 7 * dayMs)),
    )
    .addHelpText(
      'after',
      `
Examples:
  agentctl enroll pg-main-1
  ssh db1 pgherd-agent join https://collector:8432 - --config /etc/pgherd/agent.yaml <<< "$(agentctl -o tsv enroll pg-main-1 | tail -1 | cut -f2)"

Exit status: 0 done, 1 failed, 2 wrong usage, 3 refused, 4 unreachable, 5 timed out.`,
    )
    .action(async (node: string, options: { lifetime: number }) => {
      const path = `/api/v1/nodes/${encodeURIComponent(node)}/join-token`
      const json = { lifetime_ms: options.lifetime }
      const { data } = await context.client().call('POST', path, joinTokenAnswer, { json })
      if (context.format() !== 'table') {
        present(context, {
          columns: [{ title: 'NODE' }, { title: 'TOKEN' }, { title: 'EXPIRES' }, { title: 'FINGERPRINT' }],
          rows: [[data.node, data.token, new Date(data.expiresMs).toISOString(), data.fingerprint]],
          data,
          nothing: '',
        })
        return
      }
      const { collector } = context.settings()
      const lines = [
        `On the host of ${data.node}, once, before ${new Date(data.expiresMs).toISOString()}:`,
        '',
        `  ${setupLine({ ...data, collector })}`,
        '',
        'It shows each step and asks before it takes it; with --print it prints all of them and takes none.',
        'Where the agent has its configuration: pgherd-agent join, with what is before and behind the # (see join --help).',
        `The fleet's authority (SHA-256): ${data.fingerprint}`,
      ]
      for (const line of lines) context.terminal.print(printable(line))
    })
}
