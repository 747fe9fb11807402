import { printAbout } from '../../common/tuning/print-size.ts'
import type { GuardReading, TuneChange } from '../../common/tuning/tune-change.ts'
import type { Column } from '../table.ts'
import { printTable } from '../print-table.ts'
import type { Sheet } from '../present.ts'
import { printMoment } from '../print-moment.ts'
import { shortId } from '../steer/find-command.ts'
import { printAge } from '../terminal.ts'
import type { Terminal } from '../terminal.ts'
import { sayWrapped } from './plan-sheet.ts'

/** Changes of settings, each in a line, the newest last. */
export function changesSheet(changes: readonly TuneChange[], nothing: string): Sheet {
  return {
    columns: [
      { title: 'STARTED (UTC)' },
      { title: 'CHANGE' },
      { title: 'STATE', tone: toneOfState },
      { title: 'SETTINGS' },
      { title: 'WHY', spare: 1 },
    ],
    rows: changes.map((one) => [
      printMoment(one.startedMs),
      shortId(one.id),
      one.state,
      one.settings.map(({ name, after }) => `${name}=${after}`).join(', '),
      one.message,
    ]),
    data: changes,
    nothing,
  }
}

/** One change in full: its settings, and what its guard reads. */
export function showChange(terminal: Terminal, change: TuneChange, nowMs: number): void {
  const { id, state, settings, readings, message, untilMs } = change
  const left = state === 'watching' && untilMs !== null ? `, ${printAge(untilMs - nowMs)} left` : ''
  sayWrapped(terminal, `change ${shortId(id)} of ${printMoment(change.startedMs)}: ${state}${left}`)
  sayWrapped(terminal, message, 2)
  terminal.print('')
  const columns: readonly Column[] = [
    { title: 'SETTING' },
    { title: 'BEFORE' },
    { title: 'CHANGED TO' },
    { title: '', onlyIfFilled: true },
  ]
  const rows = settings.map(({ name, before, after, needsRestart }) => [
    name,
    before ?? '-',
    after,
    needsRestart && state === 'waits-for-restart' ? 'from a restart on' : '',
  ])
  printTable(terminal, columns, rows)
  if (readings.length > 0) {
    terminal.print('')
    showReadings(terminal, readings)
  }
}

/** What a guard reads, against what it was before. */
export function showReadings(terminal: Terminal, readings: readonly GuardReading[]): void {
  const columns: readonly Column[] = [
    { title: 'GUARD' },
    { title: 'BEFORE', align: 'right' },
    { title: 'SINCE', align: 'right' },
    { title: 'ALLOWED', align: 'right' },
    { title: 'UNIT', spare: 1 },
    { title: '', tone: (cell) => (cell === '' ? undefined : 'bad'), onlyIfFilled: true },
  ]
  const rows = readings.map((one) => [
    one.what,
    printAmount(one.before, one.unit),
    printAmount(one.after, one.unit),
    printLimit(one),
    one.unit.replace(/^bytes ?/, ''),
    one.isWorse ? 'WORSE' : '',
  ])
  printTable(terminal, columns, rows)
}

/** Three digits say enough of a figure; bytes are written as sizes. */
export function printAmount(value: number | null, unit: string): string {
  if (value === null) return '-'
  if (unit.startsWith('bytes')) return value === 0 ? '0' : printAbout(value)
  return String(Number(value.toPrecision(3)))
}

/** `<= 1.44`; of what is worse the less there is of it `>= 25.6`. */
export function printLimit({ before, limit, unit }: GuardReading): string {
  if (limit === null) return '-'
  return `${isFloor({ before, limit }) ? '>=' : '<='} ${printAmount(limit, unit)}`
}

/** Whether less of it is worse: such as transactions per second. What may rise always has some room above what it was. */
export function isFloor({ before, limit }: Pick<GuardReading, 'before' | 'limit'>): boolean {
  return before !== null && limit !== null && limit <= before
}

function toneOfState(cell: string) {
  if (cell === 'rolled-back' || cell === 'rolling-back') return 'bad'
  return cell === 'left-alone' || cell === 'waits-for-restart' ? 'warning' : undefined
}
