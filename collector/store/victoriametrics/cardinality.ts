import { z } from 'zod'
import type { Clock } from '../../../common/clock.ts'
import type { SeriesCardinality } from '../../../common/store-administration.ts'
import type { Failover } from './failover.ts'
import { readJson } from './read-json.ts'
import { selectorText } from './selector-text.ts'

const counts = z.array(z.object({ name: z.string(), value: z.number() })).nullish()
const status = z.object({
  data: z.object({
    totalSeries: z.number(),
    totalLabelValuePairs: z.number(),
    seriesCountByMetricName: counts,
    seriesCountByLabelName: counts,
    seriesCountByFocusLabelValue: counts,
    seriesCountByLabelValuePair: counts,
    labelValueCountByLabelName: counts,
  }),
})

/** Where series come from, by the engine's own count: of one day, that in which a range ends. Bytes it does not tell. */
export function createCardinality(options: {
  readonly select: Pick<Failover, 'send'>
  readonly path: string
  readonly timeoutMs: number
  readonly clock: Clock
}): SeriesCardinality {
  return {
    async cardinality({ top, selectors, range, focusLabel }) {
      const form = new URLSearchParams({ topN: String(top) })
      // Its own day is today; later days, and those that no calendar has, it knows nothing of.
      if (range !== undefined && range.toMs < options.clock.now()) form.set('date', dayOf(range.toMs))
      if (focusLabel !== undefined) form.set('focusLabel', focusLabel)
      for (const matchers of selectors) form.append('match[]', selectorText(matchers))
      const path = `${options.path}/status/tsdb`
      const answer = await options.select.send({
        method: 'GET',
        path: `${path}?${form.toString()}`,
        timeoutMs: options.timeoutMs,
      })
      const told = readJson(answer, status, path).data
      return {
        totalSeries: told.totalSeries,
        totalLabelValuePairs: told.totalLabelValuePairs,
        seriesCountByMetricName: told.seriesCountByMetricName ?? [],
        seriesCountByLabelName: told.seriesCountByLabelName ?? [],
        seriesCountByFocusLabelValue: told.seriesCountByFocusLabelValue ?? [],
        seriesCountByLabelValuePair: told.seriesCountByLabelValuePair ?? [],
        labelValueCountByLabelName: told.labelValueCountByLabelName ?? [],
        memoryInBytesByLabelName: [],
      }
    },
  }
}

function dayOf(timeMs: number): string {
  return new Date(Math.max(0, timeMs)).toISOString().slice(0, 10)
}
