import type { Command } from 'commander'
import type { ActionDescription } from '../../common/command/action-description.ts'
import { wrapText } from '../../common/wrap-text.ts'
import type { CliContext } from '../context.ts'
import { present } from '../present.ts'
import { askForActions, connectedNode, findAction } from '../steer/ask-for-actions.ts'
import { argumentsOf } from '../steer/parse-arguments.ts'
import { displayWidth, padded } from '../display-width.ts'
import { printable } from '../terminal.ts'
import { helpWidth } from '../wrap-help.ts'

/** `agentctl actions [KIND]`: what the agents can do, and which arguments it takes. */
export function addActions(program: Command, context: CliContext): void {
  program
    .command('actions')
    .description('list what agents can do; with a kind, its arguments and examples')
    .argument('[kind]', 'an action, such as vacuum')
    .option('-n, --node <name>', 'as this node has it; the first connected one unless told')
    .addHelpText(
      'after',
      `
Examples:
  agentctl actions
  agentctl actions vacuum

Exit status: 0 done, 1 no such action, 3 refused, 4 no agent is connected, 5 timed out.`,
    )
    .action(async (kind: string | undefined, options: { node?: string }) => {
      const client = context.client()
      const node = options.node ?? (await connectedNode(client))
      const actions = await askForActions(client, node)
      if (kind === undefined) list(context, actions)
      else describe(context, findAction(actions, kind, node))
    })
}

function list(context: CliContext, actions: readonly ActionDescription[]): void {
  const sorted = [...actions].sort((a, b) => (a.kind < b.kind ? -1 : 1))
  present(context, {
    columns: [{ title: 'KIND' }, { title: 'RISK' }, { title: 'TARGET' }, { title: 'WHAT' }],
    rows: sorted.map(({ kind, risk, target, what }) => [kind, risk, target, what]),
    data: sorted,
    nothing: 'the agent has told of no actions',
  })
}

function describe(context: CliContext, action: ActionDescription): void {
  const { terminal } = context
  if (context.format() !== 'table') {
    present(context, { columns: [], rows: [], data: action, nothing: '' })
    return
  }
  const args = argumentsOf(action)
  const words = args.map(({ name, required }) => (required ? `${name}=…` : `[${name}=…]`)).join(' ')
  terminal.print(printable(`agentctl run ${action.kind} ${words}`.trimEnd()))
  terminal.print(printable(`${action.what} (${action.risk}, on a ${action.target})`))
  if (args.length > 0) terminal.print('')
  const names = Math.max(0, ...args.map(({ name }) => displayWidth(name)))
  for (const { name, description, choices, fallback, required } of args) {
    const notes = [
      choices === undefined ? '' : choices.join(', '),
      required ? 'required' : fallback === undefined ? '' : `default ${JSON.stringify(fallback)}`,
    ].filter((note) => note !== '')
    const note = notes.length === 0 ? '' : ` (${notes.join('; ')})`
    const text = printable(`${description}${note}`)
    const room = Math.max(30, helpWidth(terminal.width) - names - 4)
    // What a long description lists is easier to find at the beginning of a line.
    const parts = text.length > 2 * room ? text.split(/(?<=;) /) : [text]
    const lines = parts.flatMap((part) => wrapText(part, room))
    for (const [at, line] of lines.entries()) {
      terminal.print(`  ${padded(at === 0 ? printable(name) : '', names)}  ${line}`)
    }
  }
  if (action.examples.length > 0) terminal.print('\nExamples:')
  for (const example of action.examples) terminal.print(printable(`  ${example}`))
}
