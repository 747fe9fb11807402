import type { CollectorClient } from '../api/client.ts'
import type { Panel } from '../panels/panel.ts'
import { queryRange, rateIntervalSeconds } from '../query/resolution.ts'
import { byChanges, byPeak, tableOf } from '../query/table.ts'
import type { NamedSeries, Table } from '../query/table.ts'
import { windowEnds } from '../query/time-window.ts'
import type { TimeWindow } from '../query/time-window.ts'
import { expand, legendOf } from '../query/variables.ts'
import type { Variables } from '../query/variables.ts'

/** What a panel shows, and the ends of its time axis in seconds since the epoch. */
export interface PanelData {
  readonly table: Table
  readonly from: number
  readonly to: number
}

/** Asks a panel's queries, all for the same instants; fails when one of them does. */
export async function loadPanel(
  client: CollectorClient,
  panel: Panel,
  variables: Variables,
  window: TimeWindow,
  nowMs: number,
  widthPixels: number,
  signal: AbortSignal,
): Promise<PanelData> {
  const range = queryRange(window, nowMs, widthPixels)
  const all = { ...variables, __rate_interval: `${rateIntervalSeconds(range.step)}s` }
  const answers = await Promise.all(
    panel.queries.map(async ({ expr, legend }) => {
      const series = await client.range(expand(expr, all), range, signal)
      const template = expand(legend, all)
      const wanted =
        panel.withoutZeros === true ? series.filter(({ values }) => values.some(Boolean)) : series
      return wanted.map((one): NamedSeries => {
        const name = legendOf(template, one.labels) || panel.title
        // Only where several queries repeat the same subjects is a part of the name enough to tell a colour.
        const subject = panel.queries.length > 1 ? one.labels[variables['by'] ?? ''] : undefined
        return { name, subject: subject ?? name, series: one }
      })
    }),
  )
  const { fromMs, toMs } = windowEnds(window, nowMs)
  return {
    table: tableOf(answers, range, panel.kind === 'timeline' ? byChanges : byPeak),
    from: fromMs / 1000,
    to: toMs / 1000,
  }
}
