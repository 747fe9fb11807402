import { colourCount, lookOf } from '../../chart/slots.ts'
import type { ChartAxis, ChartData, ChartLine, ChartMark } from '../../chart/lines.ts'
import { reduce } from '../fields/reduce.ts'
import { colourOf, lineColourOf } from '../fields/colours.ts'
import { reachedStep, thresholdLines } from '../fields/thresholds.ts'
import type { ShownField } from '../fields/shown-fields.ts'
import type { FieldSettings } from '../model/field-settings.ts'
import { numbersOf } from '../data/frame.ts'
import type { PanelData } from '../data/load-panel.ts'

/** A line of a chart with the field that it is. */
export interface FieldLine {
  readonly shown: ShownField
  readonly line: ChartLine
}

/** More lines than this are a tangle: the highest are drawn, the others told of. */
export const mostLines = 40

/** The number fields that a chart draws, at most `most` of them: those with the highest peaks, in their order. */
export function drawnFields(
  fields: readonly ShownField[],
  most: number,
): { readonly drawn: readonly ShownField[]; readonly omitted: number } {
  const all = fields.filter(
    ({ field, settings }) => field.kind === 'number' && settings.custom.hideFrom.viz !== true,
  )
  if (all.length <= most) return { drawn: all, omitted: 0 }
  const peak = ({ field }: ShownField): number =>
    field.values.reduce<number>((high, one) => Math.max(high, typeof one === 'number' ? Math.abs(one) : 0), 0)
  const kept = new Set(
    all
      .map((one) => ({ one, peak: peak(one) }))
      .sort((a, b) => b.peak - a.peak)
      .slice(0, most)
      .map(({ one }) => one),
  )
  return { drawn: all.filter((one) => kept.has(one)), omitted: all.length - most }
}

const dashes = ['solid', 'dash', 'dot'] as const
const shapes = {
  linear: 'line',
  smooth: 'smooth',
  stepBefore: 'step-before',
  stepAfter: 'step-after',
} as const

/** Lines and axes of a chart; `slots` are the looks of the fields (see chart/slots.ts), in the same order. */
export function chartOf(
  fields: readonly ShownField[],
  slots: readonly number[],
): { readonly lines: readonly FieldLine[]; readonly axes: readonly ChartAxis[] } {
  const axes: ChartAxis[] = []
  const keys = new Map<string, number>()
  const used = new Map<string, number>()
  const lines = fields.map((shown, index): FieldLine => {
    const { settings, field, name } = shown
    const { custom } = settings
    const isPercentStack = custom.stacking.mode === 'percent'
    const unit = isPercentStack ? 'percentunit' : settings.unit
    const key = `${unit} ${custom.axisPlacement} ${custom.scaleDistribution.type}`
    let axis = keys.get(key)
    if (axis === undefined) {
      axis = axes.push(axisOf(settings, unit, axes, isPercentStack)) - 1
      keys.set(key, axis)
    }
    const isMirrored = custom.transform === 'negative-Y'
    const values = isMirrored
      ? numbersOf(field).map((value) => (value === null ? null : -value))
      : numbersOf(field)
    const look = lookOf(slots[index] ?? 0)
    const colour = lineColour(settings, values, look.colour)
    // Lines of one colour are told apart by their dashes.
    const alike = used.get(colour) ?? 0
    used.set(colour, alike + 1)
    return {
      shown,
      line: {
        name,
        values,
        colour,
        dash:
          custom.lineStyle.fill === 'dash'
            ? 'dash'
            : custom.lineStyle.fill === 'dot'
              ? 'dot'
              : dashes[alike % dashes.length]!,
        width: custom.drawStyle === 'points' ? 0 : Math.max(1, custom.lineWidth) * 0.85 + 0.15,
        fill: custom.fillOpacity / 100,
        shape: custom.drawStyle === 'line' ? shapes[custom.lineInterpolation] : custom.drawStyle,
        spansGaps: custom.spanNulls === true,
        stack: custom.stacking.mode === 'none' ? null : custom.stacking.group,
        isPercentStack,
        isMirrored,
        axis,
      },
    }
  })
  return { lines, axes }
}

/** Times of all frames of a range, seconds since the epoch. */
export function timesOfData({ frames }: PanelData): readonly number[] {
  const time = frames[0]?.fields.find(({ kind }) => kind === 'time')
  return (time?.values ?? []).map((value) => Number(value) / 1000)
}

export function chartData(
  data: PanelData,
  lines: readonly FieldLine[],
  axes: readonly ChartAxis[],
  marks: readonly ChartMark[],
): ChartData {
  return {
    times: timesOfData(data),
    stepSeconds: data.stepSeconds,
    lines: lines.map(({ line }) => line),
    axes,
    marks,
    from: data.span.fromMs / 1000,
    to: data.span.toMs / 1000,
  }
}

function lineColour(
  { color, thresholds }: FieldSettings,
  values: readonly (number | null)[],
  slot: number,
): string {
  if (color.mode === 'fixed' && color.fixedColor !== undefined) return lineColourOf(color.fixedColor)
  if (color.mode === 'thresholds') {
    const step = reachedStep(thresholds, reduce('lastNotNull', values), 0, 100)
    if (step !== null) return colourOf(step.colour).css
  }
  return `var(--series-${slot % colourCount})`
}

function axisOf(
  settings: FieldSettings,
  unit: string,
  others: readonly ChartAxis[],
  isPercentStack: boolean,
): ChartAxis {
  const { custom, min, max, thresholds, decimals } = settings
  const style = custom.thresholdsStyle.mode
  const wanted = custom.axisPlacement
  const isFirst = others.every(({ side }) => side === 'hidden')
  const scaleTop = unit === 'percent' ? 100 : 1
  return {
    unit,
    decimals: decimals ?? null,
    side:
      wanted === 'hidden'
        ? 'hidden'
        : wanted === 'right' || (wanted === 'auto' && !isFirst)
          ? 'right'
          : 'left',
    label: custom.axisLabel,
    isLogarithmic: custom.scaleDistribution.type === 'log',
    min: min ?? null,
    max: max ?? (isPercentStack ? 1 : null),
    softMin: custom.axisSoftMin ?? null,
    softMax: custom.axisSoftMax ?? null,
    thresholds: style === 'off' ? [] : thresholdLines(thresholds, min ?? 0, max ?? scaleTop),
    thresholdStyle: {
      line: style.startsWith('line') ? 'solid' : style.startsWith('dashed') ? 'dashed' : 'none',
      area: style.endsWith('area'),
    },
  }
}
