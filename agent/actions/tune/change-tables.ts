import type { GuardReading, TuneChange } from '../../../common/tuning/tune-change.ts'
import { left, moment, right } from '../output-table.ts'
import type { OutputTable } from '../output-table.ts'

/** Changes of settings for a person: each in a line, and what the guard reads of those that it watches. */
export function changeTables(changes: readonly TuneChange[]): readonly OutputTable[] {
  return [
    {
      type: 'table',
      title: 'Changes',
      columns: [
        left('change'),
        left('started'),
        left('state'),
        left('guarded_until'),
        left('settings'),
        left('why'),
      ],
      rows: changes.map(({ id, startedMs, state, untilMs, settings, message }) => [
        id,
        moment(startedMs),
        state,
        moment(untilMs),
        settings.map(({ name, before, after }) => `${name} ${before ?? '(none)'} -> ${after}`).join(', '),
        message,
      ]),
      truncated: false,
    },
    ...changes.filter(({ state, readings }) => state === 'watching' && readings.length > 0).map(readingTable),
  ]
}

/** What a guard has read, against what it was before. */
export function readingTable({ id, readings }: Pick<TuneChange, 'id' | 'readings'>): OutputTable {
  return {
    type: 'table',
    title: `Guard of ${id}`,
    columns: [left('what'), right('before'), right('after'), right('at_most'), left('judgement')],
    rows: readings.map((one) => [
      one.what,
      amount(one.before, one),
      amount(one.after, one),
      amount(one.limit, one),
      one.isWorse ? 'WORSE' : 'fine',
    ]),
    truncated: false,
  }
}

function amount(value: number | null, { unit }: Pick<GuardReading, 'unit'>): string | null {
  if (value === null) return null
  return `${Number(value.toPrecision(3))}${unit === '' ? '' : ` ${unit}`}`
}
