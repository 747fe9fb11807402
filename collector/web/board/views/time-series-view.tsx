import { useMemo, useState } from 'preact/hooks'
import type { JSX } from 'preact'
import type { z } from 'zod'
import { assignSlots } from '../../chart/slots.ts'
import { TimeChart } from '../../chart/time-chart.tsx'
import { shownFields } from '../fields/shown-fields.ts'
import type { timeSeriesOptions } from '../model/panel-kind.ts'
import { chartData, chartOf, drawnFields, mostLines } from './chart-data.ts'
import { ChartLegend } from './chart-legend.tsx'
import { NoData } from './no-data.tsx'
import type { ViewProperties } from './view-context.ts'

type Options = z.infer<typeof timeSeriesOptions>

/** Lines, areas or bars over time with their legend. */
export function TimeSeriesView(properties: ViewProperties<Options>): JSX.Element {
  const { title, options, config, data, context } = properties
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const [isWhole, setWhole] = useState(false)
  const { lines, axes, omitted } = useMemo(() => {
    const fields = shownFields(data.frames, config, data.scope)
    const { drawn, omitted: left } = drawnFields(fields, isWhole ? Infinity : mostLines)
    const slots = assignSlots(
      drawn.map(({ name }) => name),
      context.slots,
    )
    return { ...chartOf(drawn, slots), omitted: left }
  }, [data, config, isWhole])
  const chart = useMemo(
    () =>
      chartData(
        data,
        lines.filter(({ line }) => !hidden.has(line.name)),
        axes,
        context.marks,
      ),
    [data, lines, axes, hidden, context.marks],
  )
  if (lines.length === 0) return <NoData config={config} />
  const toggle = (name: string, isOnly: boolean): void =>
    setHidden((old) => {
      if (isOnly) {
        const others = lines.map(({ line }) => line.name).filter((one) => one !== name)
        return others.every((one) => old.has(one)) && !old.has(name) ? new Set() : new Set(others)
      }
      const next = new Set(old)
      if (!next.delete(name)) next.add(name)
      return next
    })
  return (
    <div class={options.legend.placement === 'right' ? 'time-series time-series-right' : 'time-series'}>
      <TimeChart
        title={title}
        data={chart}
        cursor={context.cursor}
        onSelect={(from, to) => context.onSelect({ fromMs: from * 1000, toMs: to * 1000 })}
        onWiden={context.onWiden}
      />
      <ChartLegend
        lines={lines}
        options={options.legend}
        hidden={hidden}
        onToggle={toggle}
        properties={properties}
      />
      {omitted > 0 && (
        <p class="note">
          {omitted} more with lower values.{' '}
          <button type="button" onClick={() => setWhole(true)}>
            Draw all
          </button>
        </p>
      )}
    </div>
  )
}
