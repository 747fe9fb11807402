import { Option } from 'commander'
import type { Command } from 'commander'
import type { Advice } from '../../common/tuning/advice.ts'
import { detection } from '../../common/tuning/detection.ts'
import type { Detection } from '../../common/tuning/detection.ts'
import { exportAdvice, exportFormats } from '../../common/tuning/export/export-advice.ts'
import type { ExportFormat } from '../../common/tuning/export/export-advice.ts'
import { presentAdvice } from '../../common/tuning/present/present-advice.ts'
import type { Proposal } from '../../common/tuning/proposal.ts'
import type { CliContext } from '../context.ts'
import { loadOperatorKey } from '../operator.ts'
import { present } from '../present.ts'
import { printTable } from '../print-table.ts'
import { printable, printableJson } from '../terminal.ts'
import { addAdviceOptions } from '../tune/advice-options.ts'
import type { AdviceOptions } from '../tune/advice-options.ts'
import { changesOf } from '../tune/ask-changes.ts'
import { askNode } from '../tune/ask-node.ts'
import type { Asking } from '../tune/ask-node.ts'
import { changesSheet, showChange } from '../tune/change-sheet.ts'
import { chosenOf } from '../tune/choose-settings.ts'
import type { Choice } from '../tune/choose-settings.ts'
import { followGuard, isSettled } from '../tune/follow-guard.ts'
import { adviceOf } from '../tune/plan-of-node.ts'
import { sayWrapped } from '../tune/plan-sheet.ts'
import { readFacts } from '../tune/read-facts.ts'
import { findNode } from '../tune/tuned-places.ts'
import { addChoiceOptions, addTuneChanges, endOf } from './tune-changes.ts'

/** `agentctl tune`: settings that suit a server, its machine and its load; and changing them. */
export function addTune(program: Command, context: CliContext): void {
  const tune = program
    .command('tune')
    .description(
      'settings of PostgreSQL: what would suit a server, and changing it with a guard that takes it back',
    )
    .addHelpText('after', help)
  tune
    .command('detect')
    .description('what is known of a server, its machine and its load, and where from')
    .argument('<node>', 'the node')
    .option('--server <name>', 'the server, where a node has several (agentctl nodes)')
    .action((name: string, options: AdviceOptions) => detect(context, name, options))
  addAdviceOptions(
    tune
      .command('advise')
      .description('what would be better otherwise, each value with its reason')
      .argument('<node>', 'the node')
      .option('--long', 'with the evidence, the effect and the risk of each value', false),
  ).action((name: string, options: AdviceOptions & { long: boolean }) => advise(context, name, options))
  addTuneChanges(tune, context)
  tune
    .command('status')
    .description('the change that is watched or waits, with what its guard reads; else the last one')
    .argument('<node>', 'the node')
    .option('--follow', 'until its guard has decided; exit status 1 where it was taken back', false)
    .option('--server <name>', 'the server, where a node has several')
    .action((name: string, options: AdviceOptions & { follow: boolean }) => status(context, name, options))
  tune
    .command('history')
    .description('all changes of a server, the newest last')
    .argument('<node>', 'the node')
    .option('--server <name>', 'the server, where a node has several')
    .action((name: string, options: AdviceOptions) => history(context, name, options))
  addChoiceOptions(
    addAdviceOptions(
      tune
        .command('export')
        .description('what is advised, as a file for those who keep settings elsewhere')
        .argument('<node>', 'the node')
        .addOption(new Option('--format <format>', 'how it is written').choices(formats).default('conf')),
    ),
  ).action((name: string, options: AdviceOptions & Choice & { format: ExportFormat | 'json' }) =>
    write(context, name, options),
  )
}

const help = `
An advice is made by the agent on the node, from the machine, the server and what it has seen of the load. plan shows what would change,
tried beside the running server. apply shows the same, asks for the node's name, and sends exactly the values that were shown: where a
setting has another value by then, nothing is changed. The server is never restarted. A guard watches for half an hour unless told, and takes the change back
where the server does worse.

Examples:
  agentctl tune advise pg-main-1
  agentctl tune plan pg-main-1 --no-restart
  agentctl tune apply pg-main-1 --only work_mem,random_page_cost --follow
  agentctl tune apply pg-main-1 --set max_wal_size=8GB --guard 2h --bound 10%
  agentctl tune apply pg-main --set max_connections=300    # a cluster: its members in the right order
  agentctl tune status pg-main-1
  agentctl tune rollback pg-main-1
  agentctl tune export pg-main-1 --format ansible

Exit status: 0 done, 1 failed or taken back by the guard, 2 wrong usage, 3 refused, 4 unreachable, 5 timed out.`

async function askingOf(context: CliContext, server: string | undefined): Promise<Asking> {
  return { context, client: context.client(), key: await loadOperatorKey(context), server, reason: '' }
}

async function detect(context: CliContext, name: string, { server }: AdviceOptions): Promise<void> {
  const asking = await askingOf(context, server)
  const view = await askNode(asking, await findNode(asking.client, name), { kind: 'tune-detect', args: {} })
  const found = readFacts(view, detection)
  if (context.format() === 'table') showDetection(context, found)
  else {
    present(context, {
      columns: [{ title: 'SECTION' }, { title: 'NAME' }, { title: 'VALUE' }, { title: 'FROM' }],
      rows: found.sections.flatMap(({ title, facts }) =>
        facts.map((one) => [title, one.name, one.value, one.from]),
      ),
      data: found,
      nothing: '',
    })
  }
}

function showDetection({ terminal }: CliContext, { sections, notes }: Detection): void {
  for (const [index, { title, facts }] of sections.entries()) {
    if (index > 0) terminal.print('')
    const rows = facts.map(({ name, value, from }) => [name, value, from])
    const columns = [{ title: title.toUpperCase() }, { title: 'VALUE' }, { title: 'FROM', spare: 1 }]
    printTable(terminal, columns, rows)
  }
  if (notes.length > 0) terminal.print('')
  for (const note of notes) sayWrapped(terminal, `- ${note}`)
}

async function advise(
  context: CliContext,
  name: string,
  options: AdviceOptions & { readonly long: boolean },
): Promise<void> {
  const asking = await askingOf(context, options.server)
  const advice = await adviceOf(asking, await findNode(asking.client, name), options)
  if (context.format() === 'table') {
    const lines = presentAdvice(advice, { isLong: options.long, width: context.terminal.width })
    for (const line of lines) context.terminal.print(printable(line))
    return
  }
  const all = [
    ...advice.proposals.map((one) => ({ of: 'server', ...one })),
    ...advice.pooler.map((one) => ({ of: 'pooler', ...one })),
    ...advice.kernel.map((one) => ({ of: 'kernel', ...one })),
  ]
  present(context, {
    columns: ['OF', 'SETTING', 'NOW', 'PROPOSED', 'NEEDS', 'CONFIDENCE', 'RULE', 'REASON'].map((title) => ({
      title,
    })),
    rows: all.map((one) => [
      one.of,
      one.parameter,
      one.current ?? '',
      one.proposed,
      one.needs,
      one.confidence,
      one.rule,
      one.reason,
    ]),
    data: advice,
    nothing: '',
  })
}

const formats = [...exportFormats, 'json'] as const

/** Told when nothing was ever changed. */
const nothingYet = 'no settings were changed by pgherd'
const mostShown = 200

async function status(
  context: CliContext,
  name: string,
  options: AdviceOptions & { readonly follow: boolean },
): Promise<void> {
  const asking = await askingOf(context, options.server)
  const node = await findNode(asking.client, name)
  const changes = await changesOf(asking, node, mostShown)
  const running = changes.filter(({ finishedMs }) => finishedMs === null)
  const last = changes.at(-1)
  const first = running.find((one) => !isSettled(one))
  if (options.follow && first !== undefined) {
    endOf(context, [await followGuard(asking, node, first.id)])
    return
  }
  if (context.format() !== 'table') {
    present(context, changesSheet(running, nothingYet))
    return
  }
  const shown = running.length > 0 ? running : last === undefined ? [] : [last]
  if (shown.length === 0) context.terminal.print(nothingYet)
  for (const [index, one] of shown.entries()) {
    if (index > 0) context.terminal.print('')
    showChange(context.terminal, one, context.clock.now())
  }
}

async function history(context: CliContext, name: string, { server }: AdviceOptions): Promise<void> {
  const asking = await askingOf(context, server)
  const changes = await changesOf(asking, await findNode(asking.client, name), mostShown)
  present(context, changesSheet(changes, nothingYet))
}

async function write(
  context: CliContext,
  name: string,
  options: AdviceOptions & Choice & { readonly format: ExportFormat | 'json' },
): Promise<void> {
  const asking = await askingOf(context, options.server)
  const advice = await adviceOf(asking, await findNode(asking.client, name), options)
  const chosen = { ...advice, proposals: exportedOf(advice, options) }
  const { format } = options
  const lines = format === 'json' ? [printableJson(chosen)] : exportAdvice(chosen, format)
  for (const line of lines) context.terminal.print(line)
}

/** What is chosen for the server; and statements for roles, databases and tables, unless only some settings are meant. */
function exportedOf(advice: Advice, choice: Choice): readonly Proposal[] {
  const others =
    choice.only === undefined ? advice.proposals.filter(({ target }) => target !== undefined) : []
  return [...chosenOf(advice, choice), ...others]
}
