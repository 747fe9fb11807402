import { Option } from 'commander'
import type { Command } from 'commander'
import { commandState, commandsAnswer } from '../../common/command/command-view.ts'
import type { CommandState, CommandView } from '../../common/command/command-view.ts'
import type { CliContext } from '../context.ts'
import { sinceOption } from '../since-option.ts'
import { present } from '../present.ts'
import { argumentWords } from '../steer/command-words.ts'
import { findCommand, shortId } from '../steer/find-command.ts'
import { sentenceOf } from '../steer/outcome.ts'
import { showCommand } from '../steer/show-command.ts'
import { wholeNumber } from '../whole-number.ts'
import { printAge } from '../terminal.ts'
import type { Tone } from '../table.ts'
import { withQuery } from '../with-query.ts'

interface Filters {
  readonly node?: string
  readonly kind?: string
  readonly state?: CommandState
  readonly limit: number
  readonly since?: number
}

/** `agentctl commands [ID]`: what was asked of the agents, and what became of it. */
export function addCommands(program: Command, context: CliContext): void {
  program
    .command('commands')
    .description('list the commands, newest first; with an id, one in full')
    .argument('[id]', 'a command, by its id or the beginning of it')
    .option('-n, --node <name>', 'only those of this node')
    .option('--kind <kind>', 'only those of this kind, such as vacuum')
    .addOption(new Option('--state <state>', 'only those in this state').choices(commandState.options))
    .addOption(new Option('--limit <n>', 'at most so many').default(20).argParser(wholeNumber(1, 1_000)))
    .addOption(sinceOption())
    .addHelpText(
      'after',
      `
Examples:
  agentctl commands
  agentctl commands -n pg-main-1 --state failed --since 7d
  agentctl commands 6f1c2f0e
  agentctl -o json commands 6f1c2f0e | jq .result.output

States: held waits for a second operator, queued for the agent; expired reached no agent in time; unknown: the agent stopped while it ran.

Exit status: 0 shown, 1 no such command, 2 wrong usage, 3 refused, 4 unreachable, 5 timed out. How the command ended does not matter.`,
    )
    .action(async (id: string | undefined, filters: Filters) => {
      const client = context.client()
      if (id !== undefined) {
        const view = await findCommand(client, id)
        if (context.format() === 'table') showCommand(context, view)
        else list(context, [view], view)
        return
      }
      const { limit, node, kind, state } = filters
      const path = withQuery('/api/v1/commands', { limit, node, kind, state })
      const { data } = await client.call('GET', path, commandsAnswer)
      const fromMs = filters.since === undefined ? -Infinity : context.clock.now() - filters.since
      const shown = data.filter(({ queuedMs }) => queuedMs >= fromMs)
      list(context, shown, shown)
    })
}

const tones: Readonly<Partial<Record<string, Tone>>> = {
  failed: 'bad',
  refused: 'bad',
  timed_out: 'bad',
  unknown: 'bad',
  unsupported: 'bad',
  expired: 'warning',
  held: 'warning',
  cancelled: 'faint',
}

function list(context: CliContext, views: readonly CommandView[], data: unknown): void {
  const nowMs = context.clock.now()
  const idOf = context.format() === 'table' ? shortId : (id: string) => id
  present(context, {
    columns: [
      { title: 'COMMAND' },
      { title: 'QUEUED', align: 'right' },
      { title: 'WHERE' },
      { title: 'KIND' },
      { title: 'ARGUMENTS', spare: 2 },
      { title: 'STATE', tone: (cell) => tones[cell] },
      { title: 'OPERATOR', spare: 1 },
      { title: 'MESSAGE' },
    ],
    rows: views.map((view) => [
      idOf(view.id),
      `${printAge(nowMs - view.queuedMs)} ago`,
      view.server ?? view.node,
      view.mode === 'plan' ? `${view.kind} (plan)` : view.kind,
      argumentWords(view.args).join(' '),
      view.state,
      view.operator,
      sentenceOf(view),
    ]),
    data,
    nothing: 'no commands like that',
  })
}
