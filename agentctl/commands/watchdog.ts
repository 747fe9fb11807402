import { Option } from 'commander'
import type { Command } from 'commander'
import { PgherdError } from '../../common/errors.ts'
import { watchdogDeed } from '../../common/insight/watchdog.ts'
import type { ActivityRow, WatchdogDeed } from '../../common/insight/watchdog.ts'
import { watchdogAnswer } from '../../common/insight/watchdog-view.ts'
import type { KeptReport } from '../../common/insight/watchdog-view.ts'
import type { CliContext } from '../context.ts'
import { printFacts } from '../fact-lines.ts'
import { loadOperatorKey } from '../operator.ts'
import { present } from '../present.ts'
import { printExactMoment, printMoment } from '../print-moment.ts'
import { sinceOption } from '../since-option.ts'
import { showOutput } from '../steer/show-output.ts'
import type { Tone } from '../table.ts'
import { printable } from '../terminal.ts'
import { askNode } from '../tune/ask-node.ts'
import { findNode } from '../tune/tuned-places.ts'
import { wholeNumber } from '../whole-number.ts'
import { withQuery } from '../with-query.ts'

interface Filters {
  readonly cluster?: string
  readonly node?: string
  readonly deed?: WatchdogDeed
  readonly since?: number
  readonly limit: number
}

/** `agentctl watchdog`: stuck sessions, and what the watchdogs of the fleet do about them. */
export function addWatchdog(program: Command, context: CliContext): void {
  const watchdog = program
    .command('watchdog')
    .description('show stuck sessions, and what the policies on the hosts do about them')
    .addHelpText(
      'after',
      `
A policy stands on each host (watchdog.policy_file); pgherd-agent watchdog check FILE checks one. status asks the agent, as a signed command;
history and show ask the collector, which keeps 10,000 reports for 90 days.

Examples:
  agentctl watchdog status pg-main-1
  agentctl watchdog history -c pg-main --since 24h
  agentctl watchdog history --deed terminated
  agentctl watchdog show 17

Exit status: 0 shown, 1 no such report, 2 wrong usage, 3 refused, 4 unreachable, 5 timed out.`,
    )
  watchdog
    .command('status')
    .description('show what the watchdog of a node sees now, and would do')
    .argument('<node>', 'the node')
    .option('--server <name>', 'the server, where a node has several (agentctl nodes)')
    .action((name: string, options: { server?: string }) => status(context, name, options.server))
  watchdog
    .command('history')
    .description('list what was seen and done, the newest last')
    .option('-c, --cluster <name>', 'only servers of this cluster')
    .option('-n, --node <name>', 'only this server, by its ins label')
    .addOption(new Option('--deed <deed>', 'only what was done so').choices(watchdogDeed.options))
    .addOption(sinceOption())
    .addOption(new Option('--limit <n>', 'at most so many').default(50).argParser(wholeNumber(1, 1_000)))
    .action((filters: Filters) => history(context, filters))
  watchdog
    .command('show')
    .description('show one of them in full: the session, its locks, who waited, and what was there after')
    .argument('<number>', 'its number, as history shows it', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .action((seq: number) => showOne(context, seq))
}

async function status(context: CliContext, name: string, server: string | undefined): Promise<void> {
  const client = context.client()
  const asking = { context, client, key: await loadOperatorKey(context), server, reason: '' }
  const { result } = await askNode(asking, await findNode(client, name), {
    kind: 'watchdog-status',
    args: {},
  })
  const output = result?.output ?? []
  if (context.format() === 'table') {
    context.terminal.print(printable(result?.message ?? ''))
    showOutput(context.terminal, output)
    return
  }
  const sessions = output.find((one) => one.type === 'table' && one.title === 'Sessions')
  const { columns, rows } = sessions?.type === 'table' ? sessions : { columns: [], rows: [] }
  present(context, {
    columns: columns.map((one) => ({ title: one.name.toUpperCase() })),
    rows: rows.map((row) => row.map((cell) => cell ?? '')),
    data: output,
    nothing: '',
  })
}

async function ask(
  context: CliContext,
  given: Readonly<Record<string, string | number | undefined>>,
): Promise<KeptReport[]> {
  const path = withQuery('/api/v1/watchdog', given)
  const { data } = await context.client().call('GET', path, watchdogAnswer)
  return data
}

async function history(context: CliContext, { node, since, ...filters }: Filters): Promise<void> {
  const from = since === undefined ? undefined : (context.clock.now() - since) / 1_000
  const reports = (await ask(context, { ...filters, server: node, since: from })).toReversed()
  present(context, {
    columns: [
      { title: 'NO' },
      { title: 'TIME (UTC)' },
      { title: 'SERVER' },
      { title: 'DEED', tone: (cell: string) => tones[cell] },
      { title: 'RULE' },
      { title: 'WHAT', spare: 1 },
    ],
    rows: reports.map(({ seq, atMs, server, report }) => [
      ...[String(seq), printMoment(atMs), server, report.deed, report.rule, report.text],
    ]),
    data: reports,
    nothing: 'no watchdog has seen a stuck session',
  })
}

const tones: Readonly<Partial<Record<string, Tone>>> = {
  terminated: 'bad',
  cancelled: 'bad',
  failed: 'warning',
  'no-effect': 'warning',
}

/** @throws PgherdError NOT_FOUND */
async function showOne(context: CliContext, seq: number): Promise<void> {
  const [found] = await ask(context, { number: seq, limit: 1 })
  if (found === undefined) throw new PgherdError('NOT_FOUND', `no report of a watchdog has the number ${seq}`)
  const { report, server, cluster, atMs } = found
  if (context.format() !== 'table') {
    const rows = [[String(seq), printMoment(atMs), server, report.deed, report.text]]
    const columns = ['NO', 'TIME (UTC)', 'SERVER', 'DEED', 'WHAT'].map((title) => ({ title }))
    present(context, { columns, rows, data: found, nothing: '' })
    return
  }
  const { terminal } = context
  printFacts(terminal, [
    ['what', report.text],
    ['where', `${server}, cluster ${cluster}`],
    ['when', printExactMoment(atMs)],
    ['rule', `${report.rule} (${report.case})${report.isDry ? ', dry run' : ''}`],
    ['next', report.next],
    ['locks', report.locks.length === 0 ? undefined : report.locks.join(', ')],
  ])
  const block = (title: string, rows: readonly ActivityRow[]): void => {
    for (const row of rows) {
      terminal.print('')
      terminal.print(title)
      printFacts(
        terminal,
        Object.entries(row).map(([name, value]) => [name, value === null ? undefined : String(value)]),
      )
    }
  }
  block('Session', report.session === null ? [] : [report.session])
  block('Not a session', report.leftover === null ? [] : [report.leftover])
  block('Waited for it', report.victims)
  if (report.after === null) return
  block('Session afterwards', [report.after.session ?? { state: 'gone' }])
  block('Still waits', report.after.victims)
}
