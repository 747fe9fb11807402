import { Option } from 'commander'
import type { Command } from 'commander'
import { PgherdError, toPgherdError } from '../../common/errors.ts'
import type { CliContext } from '../context.ts'
import { lifetime } from '../lifetime.ts'
import { printMoment } from '../print-moment.ts'
import type { Screen } from '../screen.ts'
import { printAge, printable } from '../terminal.ts'

/** What can be looked at again and again: it changes nothing. */
const watchable = ['clusters', 'nodes', 'commands', 'events', 'audit', 'query', 'show', 'ping'] as const

/** `agentctl watch [COMMAND ...]`: the same look at the fleet, again and again. */
export function addWatch(program: Command, context: CliContext): void {
  program
    .command('watch')
    .description('repeat a command that only reads, over the whole screen on a terminal')
    .argument('[command...]', `one of ${watchable.join(', ')} with its flags; clusters and nodes unless told`)
    .addOption(
      new Option('--every <duration>', 'how long to wait in between')
        .default(2_000, '2s')
        .argParser(lifetime('500ms to 1d', 500, 86_400_000)),
    )
    .allowUnknownOption()
    .addHelpText(
      'after',
      `
On a terminal q or ^C ends it and any other key looks at once. Elsewhere each look is printed with its time, one after the other.

Examples:
  agentctl watch
  agentctl watch nodes -c pg-main
  agentctl watch --every 5s show activity -n pg-main-1
  agentctl watch query 'topk(5, rate(pg_db_xact_commit[1m]))'

Exit status: 0 ended by its user, else that of the first look.`,
    )
    .action((words: readonly string[], { every }: { every: number }) => watch(context, words, every))
}

/** What one look has to show. */
interface Look {
  readonly lines: readonly string[]
  readonly warnings: readonly string[]
}

/** @throws PgherdError of the first look; what goes wrong later is shown and tried again */
async function watch(context: CliContext, words: readonly string[], everyMs: number): Promise<void> {
  const { clock, signal } = context
  const calls = callsOf(words)
  const secrets = new Map<string, string | undefined>()
  const ask: CliContext['ask'] = async (question, options) => {
    // The passphrase of the key is asked for once, and not at each look.
    if (!secrets.has(question)) secrets.set(question, await context.ask(question, options))
    return secrets.get(question)
  }
  const look = async (width: number): Promise<Look> => {
    const lines: string[] = []
    const warnings: string[] = []
    const print = (line: string): void => void lines.push(...line.split('\n'))
    const warn = (line: string): void => void warnings.push(line)
    for (const [i, call] of calls.entries()) {
      if (i > 0) print('')
      const terminal = { ...context.terminal, width, print }
      await context.again(call, { terminal, warn, ask, status: () => undefined })
    }
    return { lines, warnings }
  }
  let shown = await look(context.terminal.width)
  let ended = false
  let woken = new AbortController()
  const title = words.length === 0 ? 'agentctl' : `agentctl ${words.join(' ')}`
  using screen = context.openScreen((key) => {
    ended ||= key === 'q' || key === 'interrupt'
    woken.abort()
  })
  const isOver = (): boolean => ended || signal.aborted
  let problem: string | undefined
  while (!isOver()) {
    const head = `${title}  every ${printAge(everyMs)}  ${printMoment(clock.now())} UTC`
    if (screen === undefined) printLook(context, head, shown, problem)
    else draw(screen, head, shown, problem)
    woken = new AbortController()
    await clock.sleep(everyMs, AbortSignal.any([woken.signal, signal]))
    if (isOver()) break
    try {
      shown = await look(screen?.width ?? context.terminal.width)
      problem = undefined
    } catch (error) {
      problem = toPgherdError(error).message
    }
  }
}

/** @throws PgherdError USAGE for what cannot be watched */
function callsOf(words: readonly string[]): readonly (readonly string[])[] {
  const [command] = words
  if (command === undefined) return [['clusters'], ['nodes']]
  if (!watchable.some((one) => one === command) || words.includes('verify')) {
    throw new PgherdError('USAGE', `${command} cannot be watched; allowed: ${watchable.join(', ')}`)
  }
  if (words.includes('-f') || words.includes('--follow')) {
    throw new PgherdError('USAGE', 'what is followed cannot be watched as well; allowed: one of the two')
  }
  return [words]
}

function printLook(
  { terminal }: CliContext,
  head: string,
  { lines, warnings }: Look,
  problem: string | undefined,
): void {
  terminal.print(printable(head))
  if (problem === undefined) for (const line of lines) terminal.print(line)
  for (const line of problem === undefined ? warnings : [problem]) terminal.print(printable(`! ${line}`))
  terminal.print('')
}

function draw(screen: Screen, head: string, { lines, warnings }: Look, problem: string | undefined): void {
  const notes = [...warnings, ...(problem === undefined ? [] : [`${problem}; what is shown is older`])]
  const fit = (text: string): string => printable(text).slice(0, screen.width)
  const above = [fit(`${head}  (q ends)`), ...notes.map((note) => fit(`! ${note}`)), '']
  const room = Math.max(0, screen.height - above.length)
  const cut =
    lines.length > room ? [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines`] : lines
  screen.draw([...above, ...cut])
}
