import { parseSample } from '../../api/answers.ts'
import type { RangeSeries } from '../../api/answers.ts'
import type { QueryRange } from '../../api/client.ts'
import type { Target } from '../model/target.ts'
import type { Field, Frame, Labels } from './frame.ts'
import { legendOf } from './legend.ts'

/** One series of an instant answer. */
export interface Sample {
  readonly metric: Labels
  readonly value: readonly [seconds: number, text: string]
}

const natural = new Intl.Collator('en', { numeric: true })

/** A frame for each series of a range, on the range's own instants; infinite values are gaps. */
export function rangeFrames(
  answer: readonly RangeSeries[],
  range: QueryRange,
  target: Pick<Target, 'refId' | 'expr'>,
  legend: string,
): readonly Frame[] {
  const times = timesOf(range)
  const time = { name: 'Time', labels: {}, kind: 'time', values: times, legend: null } as const
  return answer
    .map((series) => {
      const values = new Array<number | null>(times.length).fill(null)
      series.times.forEach((seconds, position) => {
        const index = Math.round((seconds - range.start) / range.step)
        const value = series.values[position]!
        if (index >= 0 && index < values.length && Number.isFinite(value)) values[index] = value
      })
      return { name: legendOf(legend, series.labels, target.expr), labels: series.labels, values }
    })
    .filter(({ values }) => values.some((value) => value !== null))
    .sort((a, b) => natural.compare(a.name, b.name))
    .map(({ name, labels, values }) => ({
      refId: target.refId,
      fields: [time, { name: 'Value', labels, kind: 'number', values, legend: name } as const],
    }))
}

/** Milliseconds of all instants of a range. */
export function timesOf({ start, end, step }: QueryRange): readonly number[] {
  return Array.from(
    { length: Math.floor((end - start) / step) + 1 },
    (_, index) => (start + index * step) * 1000,
  )
}

/** A frame of one row for each series of an instant. */
export function instantFrames(
  answer: readonly Sample[],
  target: Pick<Target, 'refId' | 'expr'>,
  legend: string,
): readonly Frame[] {
  return answer.map(({ metric, value: [seconds, text] }) => ({
    refId: target.refId,
    fields: [
      { name: 'Time', labels: {}, kind: 'time', values: [seconds * 1000], legend: null },
      {
        name: 'Value',
        labels: metric,
        kind: 'number',
        values: [numberOf(text)],
        legend: legendOf(legend, metric, target.expr),
      },
    ],
  }))
}

/** One frame for all series of an instant: the time, a column for each label, and `valueName`. */
export function tableFrame(answer: readonly Sample[], refId: string, valueName: string): Frame {
  const labels = [...new Set(answer.flatMap(({ metric }) => Object.keys(metric)))].sort()
  const column = (name: string, kind: Field['kind'], values: Field['values']): Field => ({
    name,
    labels: {},
    kind,
    values,
    legend: null,
  })
  return {
    refId,
    fields: [
      column(
        'Time',
        'time',
        answer.map(({ value }) => value[0] * 1000),
      ),
      ...labels.map((label) =>
        column(
          label,
          'string',
          answer.map(({ metric }) => metric[label] ?? null),
        ),
      ),
      column(
        valueName,
        'number',
        answer.map(({ value }) => numberOf(value[1])),
      ),
    ],
  }
}

function numberOf(text: string): number | null {
  const value = parseSample(text)
  return Number.isNaN(value) ? null : value
}
