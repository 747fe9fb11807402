import { z } from 'zod'
import { orDefaults } from './or-defaults.ts'

const shown = z.object({
  text: z.string().optional(),
  color: z.string().optional(),
})
const bound = z.number().nullish()

/** How single values are put into words: by the value itself, a range, a pattern, or what is no number. */
export const mapping = z.discriminatedUnion('type', [
  z.object({ type: z.literal('value'), options: z.record(z.string(), shown) }),
  z.object({ type: z.literal('range'), options: z.object({ from: bound, to: bound, result: shown }) }),
  z.object({ type: z.literal('regex'), options: z.object({ pattern: z.string(), result: shown }) }),
  z.object({
    type: z.literal('special'),
    options: z.object({
      match: z.enum(['true', 'false', 'null', 'nan', 'null+nan', 'empty']),
      result: shown,
    }),
  }),
])
export type Mapping = z.infer<typeof mapping>

/** Steps in rising order; the first has no value and stands for everything below the second. */
export const thresholds = z.object({
  mode: z.enum(['absolute', 'percentage']).default('absolute'),
  steps: z.array(z.object({ value: z.number().nullable().default(null), color: z.string() })).default([]),
})
export type Thresholds = z.infer<typeof thresholds>

/** A link of a field or a panel; `url` and `title` may contain variables. */
export const dataLink = z.object({
  title: z.string().default(''),
  url: z.string(),
  targetBlank: z.boolean().default(false),
})
export type DataLink = z.infer<typeof dataLink>

const custom = z.object({
  drawStyle: z.enum(['line', 'bars', 'points']).catch('line'),
  lineWidth: z.number().catch(2),
  fillOpacity: z.number().min(0).max(100).catch(0),
  lineInterpolation: z.enum(['linear', 'smooth', 'stepBefore', 'stepAfter']).catch('linear'),
  lineStyle: z.object({ fill: z.enum(['solid', 'dash', 'dot', 'square']) }).catch({ fill: 'solid' }),
  /** Whether a line goes on over missing samples, or over holes of at most so many milliseconds. */
  spanNulls: z.union([z.boolean(), z.number()]).catch(false),
  stacking: z
    .object({ mode: z.enum(['none', 'normal', 'percent']), group: z.string().default('A') })
    .catch({ mode: 'none', group: 'A' }),
  thresholdsStyle: z
    .object({ mode: z.enum(['off', 'line', 'dashed', 'area', 'line+area', 'dashed+area', 'series']) })
    .catch({ mode: 'off' }),
  axisPlacement: z.enum(['auto', 'left', 'right', 'hidden', 'top', 'bottom']).catch('auto'),
  axisLabel: z.string().catch(''),
  axisSoftMin: z.number().optional().catch(undefined),
  axisSoftMax: z.number().optional().catch(undefined),
  scaleDistribution: z
    .object({ type: z.enum(['linear', 'log', 'symlog', 'ordinal']), log: z.number().optional() })
    .catch({ type: 'linear' }),
  hideFrom: z.object({ legend: z.boolean(), tooltip: z.boolean(), viz: z.boolean() }).partial().catch({}),
  /** Of a table's column, CSS pixels. */
  width: z.number().optional().catch(undefined),
  hidden: z.boolean().catch(false),
  align: z.enum(['auto', 'left', 'center', 'right']).catch('auto'),
  cellOptions: z
    .object({
      type: z.enum([
        'auto',
        'color-text',
        'color-background',
        'gauge',
        'sparkline',
        'json-view',
        'image',
        'data-links',
        'actions',
        'pill',
        'markdown',
      ]),
    })
    .catch({ type: 'auto' }),
  /** Draws values below the axis that others are drawn above. */
  transform: z.enum(['constant', 'negative-Y']).optional().catch(undefined),
})

/** How a field is shown, after the overrides that name it. */
export const fieldSettings = z.object({
  unit: z.string().catch(''),
  decimals: z.number().int().min(0).max(20).nullish().catch(null),
  min: z.number().nullish().catch(null),
  max: z.number().nullish().catch(null),
  displayName: z.string().catch(''),
  description: z.string().catch(''),
  noValue: z.string().catch(''),
  color: z.object({ mode: z.string(), fixedColor: z.string().optional() }).catch({ mode: 'palette-classic' }),
  thresholds: thresholds.catch({ mode: 'absolute', steps: [] }),
  mappings: z.array(mapping).catch([]),
  links: z.array(dataLink).catch([]),
  custom: orDefaults(custom),
})
export type FieldSettings = z.infer<typeof fieldSettings>

const property = z.object({ id: z.string(), value: z.unknown().optional() })
const override = z.object({
  matcher: z.object({ id: z.string(), options: z.unknown().optional() }),
  properties: z.array(property).default([]),
})
export type Override = z.infer<typeof override>

/** The settings of all fields of a panel and what differs for some; read field by field by resolve-field.ts. */
export const fieldConfig = z.object({
  defaults: z.record(z.string(), z.unknown()).default({}),
  overrides: z.array(override).default([]),
})
export type FieldConfig = z.infer<typeof fieldConfig>
