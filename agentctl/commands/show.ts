import type { Command } from 'commander'
import type { ActionDescription } from '../../common/command/action-description.ts'
import { PgherdError } from '../../common/errors.ts'
import { suggestions } from '../../common/suggestions.ts'
import type { CliContext } from '../context.ts'
import { loadOperatorKey } from '../operator.ts'
import { addSelectors, selectNodes } from '../select-nodes.ts'
import type { NodeSelection } from '../select-nodes.ts'
import { askForActions, findAction, nodeToAsk } from '../steer/ask-for-actions.ts'
import { targetsOf } from '../steer/compose.ts'
import { throwUnlessDone } from '../steer/outcome.ts'
import { parseArguments } from '../steer/parse-arguments.ts'
import { reportsOf } from '../steer/reports.ts'
import type { Report } from '../steer/reports.ts'
import { sendAndWait } from '../steer/run-action.ts'
import { showViews } from './run.ts'

/** `agentctl show REPORT`: one of the built-in reports of the selected servers or poolers, read only. */
export function addShow(program: Command, context: CliContext): void {
  const command = program
    .command('show')
    .description(
      'print a built-in report of the selected servers (activity, locks, ...) or poolers (pgbouncer-pools, ...)',
    )
    .argument('<report>', 'the report (agentctl actions show lists them)')
    .argument('[arguments...]', 'further arguments as name=value')
    .option('--server <name>', 'the server or pooler, where a node has several (agentctl nodes)')
    .addHelpText(
      'after',
      `
Examples:
  agentctl show activity -n pg-main-1
  agentctl show locks -c pg-main
  agentctl show pgbouncer-pools -n pg-main-1
  agentctl -o json show settings -n pg-main-1

Exit status: 0 done, 1 failed, 2 wrong usage, 3 refused, 4 unreachable, 5 timed out.`,
    )
  addSelectors(command).action(
    async (name: string, words: string[], options: NodeSelection & { server?: string }) => {
      const client = context.client()
      const nodes = await selectNodes(context, options)
      const node = nodeToAsk(nodes)
      const { action, argument } = findReport(await askForActions(client, node), name, node)
      const targets = targetsOf(nodes, action, options.server)
      const run = {
        action,
        args: parseArguments(action, [`report=${argument}`, ...words]),
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

/** @throws PgherdError USAGE with the names that are near, NOT_FOUND where the agent has told of no reports */
function findReport(actions: readonly ActionDescription[], name: string, node: string): Report {
  const reports = reportsOf(actions)
  const found = reports.find((one) => one.name === name)
  if (found !== undefined) return found
  if (reports.length === 0) findAction(actions, 'show', node)
  const names = reports.map((one) => one.name)
  throw new PgherdError('USAGE', `no report is called ${name}; allowed: ${suggestions(name, names)}`)
}
