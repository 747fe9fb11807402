import { z } from 'zod'
import { orDefaults } from './or-defaults.ts'

const calcs = z.array(z.string()).catch(['lastNotNull'])
const reduceOptions = orDefaults(
  z.object({
    calcs: calcs.transform((all) => (all.length === 0 ? ['lastNotNull'] : all)),
    /** A pattern or name of the fields that count; empty for the numbers. */
    fields: z.string().catch(''),
    /** Every row is a value of its own instead of one value per series. */
    values: z.boolean().catch(false),
    limit: z.number().optional(),
  }),
)
export type ReduceOptions = z.infer<typeof reduceOptions>

const legend = orDefaults(
  z.object({
    showLegend: z.boolean().catch(true),
    displayMode: z.enum(['list', 'table', 'hidden']).catch('list'),
    placement: z.enum(['bottom', 'right']).catch('bottom'),
    calcs: z.array(z.string()).catch([]),
    sortBy: z.string().optional().catch(undefined),
    sortDesc: z.boolean().optional().catch(undefined),
  }),
)
const tooltip = orDefaults(
  z.object({ mode: z.enum(['single', 'multi', 'none']).catch('single'), sort: z.string().catch('none') }),
)
const orientation = z.enum(['auto', 'horizontal', 'vertical']).catch('auto')

export const statOptions = z.object({
  reduceOptions,
  orientation,
  textMode: z.enum(['auto', 'value', 'value_and_name', 'name', 'none']).catch('auto'),
  colorMode: z.enum(['none', 'value', 'background', 'background_solid']).catch('value'),
  graphMode: z.enum(['none', 'area', 'line']).catch('area'),
})
export const timeSeriesOptions = z.object({ legend, tooltip })
export const tableOptions = z.object({
  showHeader: z.boolean().catch(true),
  sortBy: z.array(z.object({ displayName: z.string(), desc: z.boolean().default(false) })).catch([]),
  footer: z
    .object({ show: z.boolean(), reducer: z.array(z.string()).default([]) })
    .catch({ show: false, reducer: [] }),
})
export const barGaugeOptions = z.object({
  reduceOptions,
  orientation,
  displayMode: z.enum(['basic', 'gradient', 'lcd']).catch('gradient'),
  showUnfilled: z.boolean().catch(true),
})
export const gaugeOptions = z.object({
  reduceOptions,
  orientation,
  showThresholdLabels: z.boolean().catch(false),
  showThresholdMarkers: z.boolean().catch(true),
})
export const timelineOptions = z.object({
  legend,
  mergeValues: z.boolean().catch(true),
  showValue: z.enum(['auto', 'always', 'never']).catch('auto'),
  rowHeight: z.number().catch(0.9),
})
export const heatMapOptions = z.object({
  color: z.object({ scheme: z.string().optional(), reverse: z.boolean().optional() }).catch({}),
  yAxis: orDefaults(z.object({ unit: z.string().catch(''), decimals: z.number().optional() })),
  cellValues: orDefaults(z.object({ unit: z.string().catch('') })),
})
export const textOptions = z.object({
  mode: z.enum(['markdown', 'html', 'code']).catch('markdown'),
  content: z.string().catch(''),
})

/** The kinds of panels that are drawn, each with its options; any other type is told as such. */
export const panelKind = z.discriminatedUnion('type', [
  z.object({ type: z.literal('stat'), options: orDefaults(statOptions) }),
  z.object({ type: z.literal('timeseries'), options: orDefaults(timeSeriesOptions) }),
  z.object({ type: z.literal('table'), options: orDefaults(tableOptions) }),
  z.object({ type: z.literal('bargauge'), options: orDefaults(barGaugeOptions) }),
  z.object({ type: z.literal('gauge'), options: orDefaults(gaugeOptions) }),
  z.object({ type: z.literal('state-timeline'), options: orDefaults(timelineOptions) }),
  z.object({ type: z.literal('heatmap'), options: orDefaults(heatMapOptions) }),
  z.object({ type: z.literal('text'), options: orDefaults(textOptions) }),
])
export type PanelKind = z.infer<typeof panelKind>
export type LegendOptions = z.infer<typeof legend>
