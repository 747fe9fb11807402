import type { IndexFinding, IndexListing, MemberEvidence } from '../../common/insight/index-view.ts'
import type { CliContext } from '../context.ts'
import { printFacts } from '../fact-lines.ts'
import { present } from '../present.ts'
import { printMoment } from '../print-moment.ts'
import { printBytes, printCount } from '../queries/print-figures.ts'
import { printTable } from '../print-table.ts'
import type { Column } from '../table.ts'
import { printable } from '../terminal.ts'

const columns: readonly Column[] = [
  { title: 'MEMBER' },
  { title: 'ROLE' },
  { title: 'STATE', tone: (cell) => (cell === 'unused' ? undefined : 'warning') },
  { title: 'LOOKED AT', align: 'right' },
  { title: 'LAST USED (UTC)' },
  { title: 'SCANS', align: 'right' },
  { title: 'ROWS', align: 'right' },
  { title: 'COUNTED SINCE (UTC)', spare: 1 },
  { title: 'NEWEST LOOK (UTC)', spare: 2 },
]

/** What is believed of an index, from which evidence of which member, and the next command. */
export function showIndex(context: CliContext, listing: IndexListing): void {
  if (context.format() !== 'table') {
    present(context, { columns: [], rows: [], data: listing, nothing: '' })
    return
  }
  for (const [i, one] of listing.findings.entries()) {
    if (i > 0) context.terminal.print('')
    printOne(context, one, listing.days)
  }
}

function printOne({ terminal }: CliContext, one: IndexFinding, days: number): void {
  const [reason, ...others] = one.reasons
  printFacts(terminal, [
    [
      'index',
      `${one.schema}.${one.index} of table ${one.schema}.${one.table}, database ${one.database} of ${one.cluster}`,
    ],
    ['definition', one.definition ?? 'not known: somebody holds a lock of the table'],
    ['finding', one.finding],
    ['verdict', `${one.verdict}: ${reason ?? ''}`],
    ...others.map((other) => ['', other] as const),
    ['covered by', one.coveredBy ?? undefined],
    [
      'size',
      one.savesBytes > 0
        ? `${printBytes(one.sizeBytes)}, of which ${printBytes(one.savesBytes)} are saved`
        : printBytes(one.sizeBytes),
    ],
    ['writes', one.writesPerDay === null ? undefined : `about ${printCount(one.writesPerDay)} entries a day`],
    ['told by', `${one.server} at ${printMoment(one.atMs)}`],
  ])
  if (one.members.length > 0) {
    terminal.print('')
    printTable(
      terminal,
      columns,
      one.members.map((member) => row(member, days)),
    )
    for (const { text, state } of one.members) if (state === 'silent') terminal.print(printable(text))
  }
  if (one.next === null) return
  terminal.print('')
  terminal.print(printable(`next: ${one.next} --dry-run`))
}

function row(member: MemberEvidence, days: number): readonly string[] {
  const { state, lastUsedMs, scans, rowsFetched, countersSinceMs, atMs } = member
  const isTold = state !== 'silent'
  return [
    member.server,
    member.role,
    state,
    isTold ? `${shortDays(member.coveredDays)} of ${shortDays(days)} d` : '-',
    lastUsedMs !== null ? printMoment(lastUsedMs) : isTold ? 'never seen' : '-',
    scans === null ? '-' : printCount(scans),
    rowsFetched === null ? '-' : printCount(rowsFetched),
    countersSinceMs === null ? '-' : printMoment(countersSinceMs),
    atMs === null ? 'never' : printMoment(atMs),
  ]
}

const shortDays = (days: number): string => String(Number(days.toPrecision(3)))
