import uPlot from 'uplot'
import { formatTick } from '../format/time.ts'
import { formatValue } from '../format/units.ts'
import type { Unit } from '../format/units.ts'
import { isolatedIndexes, stacked } from '../query/table.ts'
import type { Column } from '../query/table.ts'
import { chartHeight, gutterLeft, gutterRight } from './layout.ts'
import { lookOf } from './slots.ts'
import type { Theme } from './theme.ts'
import { valueRange } from './value-range.ts'
import type { ValueAxis } from './value-range.ts'

/** What one chart is, as long as it need not be built anew. */
export interface PlotShape extends ValueAxis {
  readonly names: readonly string[]
  readonly slots: readonly number[]
  readonly unit: Unit
  readonly stack: boolean
}

/** Seconds since the epoch. */
export interface PlotData {
  readonly times: readonly number[]
  readonly columns: readonly Column[]
  readonly from: number
  readonly to: number
}

export interface PlotEvents {
  /** The pointer is at this instant (seconds), or has left. */
  hover(at: number | null): void
  /** A stretch of time was selected by dragging, in seconds. */
  zoom(from: number, to: number): void
}

export interface Plot extends Disposable {
  /** Draws other data, with the crosshair at an instant in it. */
  draw(data: PlotData, at: number | null): void
  resize(width: number): void
  /** Puts the crosshair at an instant, without an event. */
  pointAt(at: number | null): void
}

const dashes: readonly (readonly number[])[] = [[], [8, 4], [2, 4]]

/** 1, 2, 4, ... bytes: ticks of round binary sizes. */
const binaryIncrements = Array.from({ length: 54 }, (_, exponent) => 2 ** exponent)

/** A line or stacked chart on a canvas inside `host`. */
export function createPlot(
  host: HTMLElement,
  width: number,
  shape: PlotShape,
  data: PlotData,
  theme: Theme,
  events: PlotEvents,
): Plot {
  let { from, to } = data
  let handled: MouseEvent | undefined
  let isHovered = false
  let isDestroyed = false
  const colourOf = (index: number): string => theme.series[lookOf(shape.slots[index]!).colour]!
  const isBinary = shape.unit === 'bytes' || shape.unit === 'bytes/s'
  const axis = {
    stroke: theme.text,
    font: theme.font,
    grid: { stroke: theme.grid, width: 1 },
    ticks: { show: false },
  }
  const plot = new uPlot(
    {
      width,
      height: chartHeight,
      padding: [10, gutterRight, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { size: 7 } },
      scales: {
        x: { time: false, range: () => [from, to] },
        y: { range: (_, low, high) => valueRange(low, high, shape) },
      },
      axes: [
        { ...axis, space: 64, incrs: timeIncrements, values: timeLabels, splits: timeSplits, size: 30 },
        {
          ...axis,
          size: gutterLeft,
          space: 34,
          ...(isBinary ? { incrs: binaryIncrements } : {}),
          values: (_, ticks) => ticks.map((tick) => formatValue(tick, shape.unit)),
        },
      ],
      series: [
        {},
        ...shape.names.map((name, index): uPlot.Series => ({
          label: name,
          stroke: colourOf(index),
          width: 1.75,
          dash: [...dashes[lookOf(shape.slots[index]!).dash]!],
          ...(shape.stack ? { fill: `${colourOf(index)}55` } : {}),
          points: {
            show: false,
            size: 4,
            filter: (self, seriesIndex) => isolatedIndexes(self.data[seriesIndex] ?? []),
          },
        })),
      ],
      bands: shape.stack ? shape.names.slice(1).map((_, index) => ({ series: [index + 2, index + 1] })) : [],
      hooks: {
        setCursor: [
          (self) => {
            // uPlot also calls this when it redraws, and a refresh of one chart must not end everybody's crosshair.
            const { idx, event } = self.cursor
            if (event === undefined || event === handled) return
            handled = event
            const at = typeof idx === 'number' ? (self.data[0][idx] ?? null) : null
            // A chart that moves away under a resting pointer may only end a crosshair that it set.
            if (at === null && !isHovered) return
            isHovered = at !== null
            events.hover(at)
          },
        ],
        setSelect: [
          (self) => {
            const { left, width: selected } = self.select
            if (selected > 4) events.zoom(self.posToVal(left, 'x'), self.posToVal(left + selected, 'x'))
            self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          },
        ],
      },
    },
    aligned(data, shape),
    host,
  )
  const pointAt = (at: number | null): void => {
    const left = at === null ? -10 : plot.valToPos(at, 'x')
    plot.setCursor({ left, top: at === null ? -10 : 0 }, false)
  }
  return {
    draw: (next, at) => {
      from = next.from
      to = next.to
      plot.setData(aligned(next, shape))
      // uPlot applies the new scales in a microtask of its own, which was queued first.
      queueMicrotask(() => {
        if (!isDestroyed) pointAt(at)
      })
    },
    resize: (nextWidth) => plot.setSize({ width: nextWidth, height: chartHeight }),
    pointAt,
    [Symbol.dispose]: () => {
      isDestroyed = true
      plot.destroy()
    },
  }
}

function aligned(data: PlotData, shape: PlotShape): uPlot.AlignedData {
  const columns = shape.stack ? stacked(data.columns) : data.columns
  return [[...data.times], ...columns.map(({ values }) => [...values])]
}

const timeIncrements = [
  10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
]

/** Ticks at round times of the reader's time zone, which may be off UTC by half an hour. */
function timeSplits(_: uPlot, __: number, from: number, to: number, increment: number): number[] {
  const offset = new Date(from * 1000).getTimezoneOffset() * 60
  const splits: number[] = []
  for (let at = Math.ceil((from - offset) / increment) * increment + offset; at <= to; at += increment) {
    splits.push(at)
  }
  return splits
}

function timeLabels(_: uPlot, ticks: number[], __: number, ___: number, increment: number): string[] {
  return ticks.map((tick) => formatTick(tick, increment))
}
