import type { IndexFinding, IndexListing } from '../../common/insight/index-view.ts'
import type { CliContext } from '../context.ts'
import { present } from '../present.ts'
import { printBytes, printCount } from '../queries/print-figures.ts'
import type { Column } from '../table.ts'

const columns: readonly Column[] = [
  { title: 'CLUSTER' },
  { title: 'DATABASE' },
  { title: 'INDEX' },
  { title: 'TABLE', spare: 1 },
  { title: 'FINDING' },
  { title: 'VERDICT', tone: (cell) => (cell === 'droppable' ? 'warning' : undefined) },
  { title: 'SIZE', align: 'right' },
  { title: 'SAVES', align: 'right', spare: 2 },
  { title: 'WRITES/DAY', align: 'right' },
  { title: 'WHY' },
]

/** One line each, and how many of those that are to be kept are left out. */
export function listIndexes(
  context: CliContext,
  listing: IndexListing,
  { all, isNarrowed }: { readonly all: boolean; readonly isNarrowed: boolean },
): void {
  const shown = listing.findings.filter(({ verdict }) => all || verdict !== 'keep')
  const left = listing.findings.length - shown.length
  present(context, {
    columns,
    rows: shown.map(row),
    data: { ...listing, findings: shown },
    nothing:
      listing.notes[0] ?? (isNarrowed ? 'nothing of that is found' : 'nothing is wrong with any index'),
  })
  if (context.format() !== 'table') return
  if (left > 0) context.terminal.print(`${left} more are to be kept, and --all shows them`)
  if (shown.length > 0) for (const note of listing.notes) context.terminal.print(note)
}

function row(one: IndexFinding): readonly string[] {
  return [
    one.cluster,
    one.database,
    one.index === '' ? '-' : `${one.schema}.${one.index}`,
    `${one.schema}.${one.table}`,
    one.finding,
    one.verdict,
    printBytes(one.sizeBytes),
    one.savesBytes === 0 ? '-' : printBytes(one.savesBytes),
    one.writesPerDay === null ? '-' : printCount(one.writesPerDay),
    one.reasons[0] ?? '',
  ]
}
