import type { ChartMark } from '../chart/lines.ts'
import type { CollectorClient } from '../api/client.ts'
import type { RangeSeries } from '../api/answers.ts'
import { parseDuration } from '../query/duration.ts'
import { queryRange } from '../query/query-range.ts'
import type { TimeSpan } from '../query/time-range.ts'
import { legendOf } from './data/legend.ts'
import { lineColourOf } from './fields/colours.ts'
import type { AnnotationQuery } from './model/board.ts'
import { expand } from './variables/expand.ts'
import type { Scope } from './variables/expand.ts'

/** More events than this are a wall. */
const mostMarks = 200
const mostPoints = 500

/** What happened in a span, by the board's annotations; one whose query fails costs itself. */
export async function loadMarks(
  client: Pick<CollectorClient, 'range'>,
  queries: readonly AnnotationQuery[],
  span: TimeSpan,
  scope: Scope,
  signal: AbortSignal,
): Promise<readonly ChartMark[]> {
  const found = await Promise.allSettled(
    queries.map(async (query) => {
      const range = queryRange(span, mostPoints, parseDuration(query.step ?? '') ?? 60)
      const series = await client.range(expand(query.expr, scope, 'promql'), range, signal)
      return series.flatMap((one) => marksOf(query, one, range.step))
    }),
  )
  signal.throwIfAborted()
  const marks = new Map<string, ChartMark>()
  for (const result of found) {
    if (result.status === 'rejected') continue
    for (const mark of result.value) {
      if (mark.at * 1000 < span.fromMs || mark.at * 1000 > span.toMs) continue
      marks.set(`${mark.at} ${mark.text}`, mark)
    }
  }
  return [...marks.values()].sort((a, b) => b.at - a.at).slice(0, mostMarks)
}

/** With `useValueForTime` each value is when something happened; otherwise that the series is there is what happened. */
export function marksOf(
  { name, iconColor, titleFormat, textFormat, useValueForTime }: AnnotationQuery,
  { labels, times, values }: RangeSeries,
  stepSeconds: number,
): readonly ChartMark[] {
  const words = [titleFormat, textFormat]
    .map((format) =>
      format === null || format === undefined || format === '' ? '' : legendOf(format, labels, ''),
    )
    .filter((text) => text !== '')
    .join(': ')
  const mark = (at: number): ChartMark => ({
    at,
    colour: lineColourOf(iconColor),
    text: words === '' ? name : words,
  })
  if (useValueForTime) {
    return [...new Set(values.filter((value) => value > 0))].map((value) => mark(value / 1000))
  }
  return times.filter((at, index) => index === 0 || at - times[index - 1]! > stepSeconds * 1.5).map(mark)
}
