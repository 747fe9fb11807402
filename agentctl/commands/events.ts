import { Option } from 'commander'
import type { Command } from 'commander'
import { eventsAnswer, fleetEventType } from '../../common/wire/events.ts'
import type { FleetEvent } from '../../common/wire/events.ts'
import type { CliContext } from '../context.ts'
import { sinceOption } from '../since-option.ts'
import { present } from '../present.ts'
import { printMoment } from '../print-moment.ts'
import { createTailPrinter } from '../print-tail.ts'
import { shortId } from '../steer/find-command.ts'
import { followTail } from '../tail.ts'
import type { Tone } from '../table.ts'
import { wholeNumber } from '../whole-number.ts'
import { withQuery } from '../with-query.ts'

interface Filters {
  readonly node?: string
  readonly cluster?: string
  readonly type?: readonly string[]
  readonly since?: number
  readonly limit: number
  readonly follow: boolean
}

/** `agentctl events`: what happened in the fleet, the newest last. */
export function addEvents(program: Command, context: CliContext): void {
  program
    .command('events')
    .description('show what happened: servers down and up, roles, restarts, agents, commands, alerts')
    .option('-n, --node <name>', 'only events of this node or server')
    .option('-c, --cluster <name>', 'only events of this cluster')
    .addOption(new Option('--type <type...>', 'only these').choices(fleetEventType.options))
    .addOption(sinceOption())
    .addOption(new Option('--limit <n>', 'at most so many').default(50).argParser(wholeNumber(1, 10_000)))
    .option('-f, --follow', 'go on with what happens, until ^C', false)
    .addHelpText(
      'after',
      `
The newest stands last. The collector notices within 15 s what happened to a server, and keeps events for 90 days, 100,000 of them.

Examples:
  agentctl events
  agentctl events -c pg-main --since 24h
  agentctl events --type server-down role-changed server-restarted
  agentctl events -f

Exit status: 0 shown, 2 wrong usage, 3 refused, 4 unreachable, 5 timed out.`,
    )
    .action((filters: Filters) => show(context, filters))
}

async function show(context: CliContext, filters: Filters): Promise<void> {
  const client = context.client()
  const ask = async (limits: Readonly<Record<string, string>>): Promise<readonly FleetEvent[]> => {
    const { node, cluster, type } = filters
    const path = withQuery('/api/v1/events', { ...limits, node, cluster, type })
    const { data } = await client.call('GET', path, eventsAnswer)
    return data.toReversed()
  }
  const since: Readonly<Record<string, string>> =
    filters.since === undefined ? {} : { since: String((context.clock.now() - filters.since) / 1000) }
  const events = await ask({ limit: String(filters.limit), ...since })
  const sheet = {
    columns: [
      { title: 'TIME (UTC)' },
      { title: 'TYPE', tone: (cell: string) => tones[cell] },
      { title: 'WHERE' },
      { title: 'EVENT' },
      { title: 'COMMAND', onlyIfFilled: true, spare: 1 },
    ],
    nothing: 'nothing happened',
  }
  const idOf = context.format() === 'table' ? shortId : (id: string) => id
  const rowOf = ({ atMs, type, node, text, command }: FleetEvent): readonly string[] => [
    printMoment(atMs),
    type,
    node,
    text,
    command === null ? '' : idOf(command),
  ]
  if (!filters.follow) {
    present(context, { ...sheet, rows: events.map(rowOf), data: events })
    return
  }
  const print = createTailPrinter(context, sheet, rowOf)
  print(events)
  let after = events.at(-1)?.seq ?? 0
  const askForMore = async (): Promise<readonly FleetEvent[]> => {
    const more = await ask({ after: String(after), limit: '10000', ...since })
    after = more.at(-1)?.seq ?? after
    return more
  }
  await followTail(context, askForMore, print)
}

const tones: Readonly<Partial<Record<string, Tone>>> = {
  'server-down': 'bad',
  'alert-firing': 'bad',
  'agent-away': 'warning',
  'node-revoked': 'warning',
  'samples-refused': 'bad',
  'role-changed': 'warning',
  'server-restarted': 'warning',
  'query-regressed': 'warning',
  'default-password': 'warning',
}
