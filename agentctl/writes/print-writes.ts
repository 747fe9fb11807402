import { printAbout, printShare } from '../../common/tuning/print-size.ts'
import { wrapText } from '../../common/wrap-text.ts'
import type { CliContext } from '../context.ts'
import { printFacts } from '../fact-lines.ts'
import type { Column } from '../table.ts'
import { textCell } from '../queries/on-one-line.ts'
import { printTable } from '../print-table.ts'
import { printAge, printable } from '../terminal.ts'
import type { WriteAdvice } from './advise.ts'
import { isUnused } from './write-load.ts'
import type { IndexWrites, WriteLoad } from './write-load.ts'

const right = { align: 'right' } as const

/** One screen: how much, who, and what to do. @param top rows of each table */
export function printWrites(
  { terminal }: Pick<CliContext, 'terminal'>,
  load: WriteLoad,
  advice: readonly WriteAdvice[],
  top: number,
): void {
  const print = (line: string): void => terminal.print(line)
  const table = (columns: readonly Column[], rows: readonly (readonly string[])[]): void => {
    print('')
    printTable(terminal, columns, rows)
  }
  const total = load.wal.bytes
  print(
    printable(
      `${load.server}, primary of ${load.cluster}: what it wrote in the last ${printAge(load.seconds * 1000)}`,
    ),
  )
  print('')
  printFacts(terminal, [
    ['WAL', walOf(load)],
    ['checkpoints', checkpointsOf(load)],
    ['buffers', buffersOf(load)],
  ])
  if (load.statements.length > 0) {
    table(
      [
        { title: 'STATEMENT' },
        { title: 'DATABASE', spare: 1 },
        { title: 'WAL', ...right },
        { title: '%', ...right },
        { title: 'FULL PAGES', ...right, spare: 2 },
        { title: 'CALLS', ...right },
        { title: 'A CALL', ...right },
        { title: 'TEXT', onlyIfFilled: true },
      ],
      load.statements
        .slice(0, top)
        .map(({ query, database, walBytes, images, calls, text }) => [
          query,
          database,
          printAbout(walBytes),
          percent(walBytes, total),
          String(images),
          String(calls),
          calls === 0 ? '' : printBytes(walBytes / calls),
          textCell(text),
        ]),
    )
  }
  if (load.tables.length > 0) {
    table(
      [
        { title: 'TABLE' },
        { title: 'DATABASE', spare: 1 },
        { title: 'WAL', ...right },
        { title: '%', ...right },
        { title: 'OF INDEXES', ...right },
        { title: 'INSERTED', ...right },
        { title: 'UPDATED', ...right },
        { title: 'IN PLACE', ...right },
        { title: 'DELETED', ...right },
        { title: 'DEAD', ...right, spare: 2 },
      ],
      withIndexes(load)
        .slice(0, top)
        .map((one) => [
          one.table,
          one.database,
          printAbout(one.allBytes),
          percent(one.allBytes, total),
          printAbout(one.indexWalBytes),
          String(one.inserted),
          String(one.updated),
          one.updated === 0 ? '' : printShare(one.hotUpdated / one.updated),
          String(one.deleted),
          one.liveRows + one.deadRows === 0 ? '' : printShare(one.deadRows / (one.liveRows + one.deadRows)),
        ]),
    )
  }
  if (load.indexes.length > 0) {
    table(
      [
        { title: 'INDEX' },
        { title: 'OF', spare: 1 },
        { title: 'WAL', ...right },
        { title: '%', ...right },
        { title: 'SIZE', ...right, spare: 2 },
        { title: 'SCANS', ...right, tone: (cell) => (cell === 'never' ? 'warning' : undefined) },
      ],
      indexesToShow(load.indexes, top).map((one) => [
        one.index,
        one.table,
        printAbout(one.walBytes),
        percent(one.walBytes, total),
        printAbout(one.sizeBytes),
        isUnused(one) ? 'never' : one.scans === 0 ? 'none, a constraint' : String(one.scans),
      ]),
    )
  }
  print('')
  for (const line of notesOf(load)) print(line)
  printAdvice(print, advice, terminal.width)
}

function printAdvice(print: (line: string) => void, advice: readonly WriteAdvice[], width: number): void {
  if (advice.length === 0) {
    print(
      'Nothing stands out: no index is written in vain, checkpoints come when they are due, no statement writes most of it.',
    )
    return
  }
  const indented = (text: string, first: string): void => {
    wrapText(printable(text), width - 3).forEach((line, at) => print(`${at === 0 ? first : '   '}${line}`))
  }
  print('What to do, what saves most first:')
  advice.slice(0, most).forEach(({ what, why, commands }, at) => {
    indented(what, `${at + 1}. `)
    indented(why, '   ')
    // Whole, so that it can be copied.
    for (const command of commands) print(printable(`   ${command}`))
  })
}

const most = 4

/** Those that nobody scans first, since these are what is asked for, then the others; the most WAL first among each. */
function indexesToShow(indexes: readonly IndexWrites[], top: number): readonly IndexWrites[] {
  const unused = indexes.filter(isUnused)
  const rest = indexes.filter((one) => !isUnused(one))
  return [...unused, ...rest].slice(0, top)
}

/** Tables by what they and their indexes made. */
function withIndexes({
  tables,
}: WriteLoad): readonly (WriteLoad['tables'][number] & { readonly allBytes: number })[] {
  return tables
    .map((one) => ({ ...one, allBytes: one.walBytes + one.indexWalBytes }))
    .toSorted((a, b) => b.allBytes - a.allBytes)
}

function walOf({ wal, seconds }: WriteLoad): string {
  const rate = `${printAbout(wal.bytes)}, ${printBytes(wal.bytes / seconds)}/s`
  if (wal.images === null) return rate
  const share = wal.imageShare === null ? '' : `, about ${printShare(wal.imageShare)} of the bytes`
  return `${rate}; ${wal.images} full-page images${share}`
}

function checkpointsOf({ checkpoints, seconds }: WriteLoad): string {
  const { timed, requested, timeoutSeconds, maxWalBytes } = checkpoints
  const every = timed + requested === 0 ? '' : `, one in ${printAge((seconds / (timed + requested)) * 1000)}`
  const settings = [
    ...(timeoutSeconds === null ? [] : [`checkpoint_timeout ${printAge(timeoutSeconds * 1000)}`]),
    ...(maxWalBytes === null ? [] : [`max_wal_size ${printAbout(maxWalBytes)}`]),
  ]
  return `${timed} when due, ${requested} requested${every}${settings.length > 0 ? ` (${settings.join(', ')})` : ''}`
}

function buffersOf({ buffers }: WriteLoad): string {
  const { checkpointer, backgroundWriter, sessions } = buffers
  const all = checkpointer + backgroundWriter + (sessions ?? 0)
  if (all === 0) return 'none written'
  const parts = [
    `checkpoints ${printShare(checkpointer / all)}`,
    `background writer ${printShare(backgroundWriter / all)}`,
    ...(sessions === null ? [] : [`sessions ${printShare(sessions / all)}`]),
  ]
  return `${all} written: ${parts.join(', ')}`
}

function notesOf({ estimatedSeconds, seconds, statements, wal }: WriteLoad): readonly string[] {
  const notes: string[] = []
  if (estimatedSeconds === 0) {
    notes.push(
      'Nothing is estimated of tables and indexes yet: rules/record-writes.yaml does that, two minutes after the first measurement.',
    )
  } else if (estimatedSeconds < 0.9 * seconds) {
    notes.push(`Tables and indexes are estimated from ${printAge(estimatedSeconds * 1000)} of this time.`)
  }
  if (statements.length === 0 && wal.bytes > 0) {
    notes.push('Statements are told with pg_stat_statements, from PostgreSQL 13 on.')
  }
  return notes.length === 0 ? [] : [...notes, '']
}

const percent = (bytes: number, total: number): string =>
  total === 0 ? '' : ((100 * bytes) / total).toFixed(1)

function printBytes(bytes: number): string {
  return bytes < 1024 ? `${Math.round(bytes)}B` : printAbout(bytes)
}
