import type { Command } from 'commander'
import { PgherdError } from '../../common/errors.ts'
import { suggestions } from '../../common/suggestions.ts'
import type { CliContext } from '../context.ts'
import { loadOperatorKey } from '../operator.ts'
import { addSelectors, selectNodes } from '../select-nodes.ts'
import type { NodeSelection } from '../select-nodes.ts'
import { askForActions, findAction, nodeToAsk } from '../steer/ask-for-actions.ts'
import { targetsOf } from '../steer/compose.ts'
import { throwUnlessDone } from '../steer/outcome.ts'
import { argumentsOf, parseArguments } from '../steer/parse-arguments.ts'
import { sendAndWait } from '../steer/run-action.ts'
import { showViews } from './run.ts'

/** `agentctl show REPORT`: one of the built-in reports of the selected servers, read only. */
export function addShow(program: Command, context: CliContext): void {
  const command = program
    .command('show')
    .description('print a built-in report of the selected servers: activity, locks, replication, ...')
    .argument('<report>', 'the report (agentctl actions show lists them)')
    .argument('[arguments...]', 'further arguments as name=value')
    .option('--server <name>', 'the server (ins label), where a node has several')
    .addHelpText(
      'after',
      `
Examples:
  agentctl show activity -n pg-main-1
  agentctl show locks -c pg-main
  agentctl -o json show settings -n pg-main-1

Exit status: 0 done, 1 failed, 2 wrong usage, 3 refused, 4 unreachable, 5 timed out.`,
    )
  addSelectors(command).action(
    async (report: string, words: string[], options: NodeSelection & { server?: string }) => {
      const client = context.client()
      const nodes = await selectNodes(context, options)
      const node = nodeToAsk(nodes)
      const action = findAction(await askForActions(client, node), 'show', node)
      const known = argumentsOf(action).find(({ name }) => name === 'report')?.choices ?? []
      if (known.length > 0 && !known.includes(report)) {
        throw new PgherdError(
          'USAGE',
          `no report is called ${report}; allowed: ${suggestions(report, known)}`,
        )
      }
      const targets = targetsOf(nodes, action, options.server)
      const run = {
        action,
        args: parseArguments(action, [`report=${report}`, ...words]),
        targets,
        key: await loadOperatorKey(context),
        reason: '',
        lifetimeMs: 30_000,
        signaturesNeeded: 1,
      }
      const views = await sendAndWait(context, client, run, 'run', context.timeoutMs())
      showViews(context, views)
      throwUnlessDone(views, targets.length)
    },
  )
}
