import { Option } from 'commander'
import type { Command } from 'commander'
import { auditEvent } from '../../common/audit/entry.ts'
import type { AuditEntry } from '../../common/audit/entry.ts'
import { PgherdError } from '../../common/errors.ts'
import { entryText } from '../audit/entry-text.ts'
import { collectorChain, readNewest, readPage } from '../audit/read-chain.ts'
import { verifyChains } from '../audit/verify-chains.ts'
import type { VerifiedChain } from '../audit/verify-chains.ts'
import type { CliContext } from '../context.ts'
import { sinceOption } from '../since-option.ts'
import { present } from '../present.ts'
import { printMoment } from '../print-moment.ts'
import { createTailPrinter } from '../print-tail.ts'
import { shortId } from '../steer/find-command.ts'
import { followTail } from '../tail.ts'
import { printable } from '../terminal.ts'
import type { Tone } from '../table.ts'
import { wholeNumber } from '../whole-number.ts'

interface Filters {
  readonly node?: string
  readonly event?: readonly string[]
  readonly who?: string
  readonly command?: string
  readonly anchors: boolean
  readonly since?: number
  readonly limit: number
  readonly follow: boolean
}

/** `agentctl audit`: who did what, and whether that is still as it was written. */
export function addAudit(program: Command, context: CliContext): void {
  const audit = program
    .command('audit')
    .description("show who did what: the audit of the collector, or the copy of a node's")
    .option('-n, --node <name>', "the audit of this node in place of the collector's own")
    .addOption(new Option('--event <event...>', 'only these').choices(auditEvent.options))
    .option('--who <text>', 'only what was done by somebody whose name has this in it')
    .option('--command <id>', 'only what is about this command, by its id or the beginning of it')
    .option('--anchors', 'also what the audits write down of each other', false)
    .addOption(sinceOption())
    .addOption(new Option('--limit <n>', 'at most so many').default(50).argParser(wholeNumber(1, 100_000)))
    .option('-f, --follow', 'go on with what is added, until ^C', false)
    .addHelpText(
      'after',
      `
Examples:
  agentctl audit
  agentctl audit --event requested finished refused --since 24h
  agentctl audit --who alice -n pg-main-1
  agentctl audit --command 6f1c2f0e
  agentctl audit -f
  agentctl audit verify

Exit status: 0 shown, 1 no such audit, 2 wrong usage, 3 refused, 4 unreachable, 5 timed out.`,
    )
    .action((filters: Filters) => show(context, filters))
  audit
    .command('verify')
    .description('download the audits and find what was altered, removed, moved or cut off')
    .addHelpText(
      'after',
      `
Every entry has the hash of the one before, and each audit writes down now and then how far the others are; all of it is computed
here, and nothing that the collector says about it is believed. -n before verify limits it to that node and the collector's own.
What a node's audit was before a break stands in front of what it is now: a break is always something that is wrong.

Examples:
  agentctl audit verify
  agentctl audit -n pg-main-1 verify
  agentctl -o json audit verify

Exit status: 0 nothing is wrong, 1 something is, 2 wrong usage, 3 refused, 4 unreachable, 5 timed out.`,
    )
    .option('-n, --node <name...>', 'only these nodes and the collector')
    .action(async (own: { node?: readonly string[] }) => {
      const outer = audit.opts<Filters>().node
      const nodes = own.node ?? (outer === undefined ? undefined : [outer])
      const verified = await verifyChains(context.client(), nodes, (text) => context.status(text))
      context.status('')
      report(context, verified)
    })
}

async function show(context: CliContext, filters: Filters): Promise<void> {
  const client = context.client()
  const chain = filters.node ?? collectorChain
  const fromMs = filters.since === undefined ? -Infinity : context.clock.now() - filters.since
  const isWanted = (entry: AuditEntry): boolean =>
    (filters.event === undefined
      ? filters.anchors || entry.event !== 'anchored'
      : filters.event.includes(entry.event)) &&
    (filters.who === undefined || entry.who.includes(filters.who)) &&
    (filters.command === undefined || entry.command?.startsWith(filters.command) === true)
  const entries = await readNewest(client, chain, filters.limit, (entry) =>
    entry.atMs < fromMs ? undefined : isWanted(entry),
  )
  const sheet = {
    columns: [
      { title: 'TIME (UTC)' },
      { title: 'SEQ', align: 'right' as const },
      { title: 'EVENT', tone: (cell: string) => tones[cell] },
      { title: 'WHO' },
      { title: 'WHERE' },
      { title: 'WHAT' },
      { title: 'COMMAND', spare: 2, onlyIfFilled: true },
      { title: 'WHY', spare: 1, onlyIfFilled: true },
      { title: 'OUTCOME', onlyIfFilled: true },
    ],
    nothing: 'no entries like that',
  }
  const idOf = context.format() === 'table' ? shortId : (id: string) => id
  const rowOf = (entry: AuditEntry) => row(entry, idOf)
  if (!filters.follow) {
    present(context, { ...sheet, rows: entries.map(rowOf), data: entries })
    return
  }
  const print = createTailPrinter(context, sheet, rowOf)
  print(entries)
  let { newest: after } = await readPage(client, chain, 0, 1)
  after = Math.min(after, entries.at(-1)?.seq ?? after)
  const ask = async (): Promise<readonly AuditEntry[]> => {
    const page = await readPage(client, chain, after)
    after = page.entries.at(-1)?.seq ?? after
    return page.entries.filter(isWanted)
  }
  await followTail(context, ask, print)
}

const tones: Readonly<Partial<Record<string, Tone>>> = {
  refused: 'bad',
  revoked: 'warning',
  expired: 'warning',
  repaired: 'warning',
}

function row(entry: AuditEntry, idOf: (id: string) => string): readonly string[] {
  return [
    printMoment(entry.atMs),
    String(entry.seq),
    entry.event,
    entry.who,
    entry.where,
    entryText(entry),
    entry.command === null ? '' : idOf(entry.command),
    entry.why,
    entry.outcome ?? '',
  ]
}

/** @throws PgherdError when something is wrong */
function report(context: CliContext, chains: readonly VerifiedChain[]): void {
  const findings = chains.flatMap(({ chain, findings: own }) => own.map((finding) => ({ chain, ...finding })))
  present(context, {
    columns: [
      { title: 'AUDIT' },
      { title: 'ENTRIES', align: 'right' },
      { title: 'NEWEST (UTC)' },
      { title: 'ANCHORS', align: 'right' },
      { title: 'WRONG', align: 'right', tone: (cell) => (cell === '0' ? undefined : 'bad') },
    ],
    rows: chains.map(({ chain, entries, newestMs, anchors, findings: own }) => [
      chain,
      String(entries),
      newestMs === null ? '-' : printMoment(newestMs),
      String(anchors),
      String(own.length),
    ]),
    data: chains,
    nothing: '',
  })
  if (context.format() === 'table' && findings.length > 0) {
    context.terminal.print('')
    for (const { chain, kind, seq, text } of findings) {
      context.terminal.print(printable(`${chain} ${seq}: ${kind}: ${text}`))
    }
  }
  if (findings.length === 0) return
  const where = new Set(findings.map(({ chain }) => chain)).size
  throw new PgherdError(
    'STORE_CORRUPT',
    `${findings.length} ${findings.length === 1 ? 'thing is' : 'things are'} wrong in ${where} of ${chains.length} audits`,
  )
}
