import uPlot from 'uplot'
import { formatTick } from '../format/time.ts'
import { isBinaryUnit } from '../format/value-format.ts'
import { axisRange } from './axis-range.ts'
import { axisWidth, rightPadding } from './layout.ts'
import type { ChartAxis, ChartData, ChartLine } from './lines.ts'
import { bindPanning } from './panning.ts'
import { drawMarks, drawThresholds } from './plot-marks.ts'
import { drawnValues, isolatedIndexes, stackedOn } from './stack.ts'
import type { Theme } from './theme.ts'
import { binaryIncrements, tickTexts, timeIncrements, timeSplits } from './ticks.ts'

export interface PlotEvents {
  /** The pointer is at this instant (seconds), or has left. */
  readonly hover: (at: number | null) => void
  /** A stretch of time was selected, in seconds. */
  readonly select: (from: number, to: number) => void
  /** Somebody asks for more time around what is shown. */
  readonly widen: () => void
}

export interface Plot extends Disposable {
  /** Draws other data of the same lines and axes, with the crosshair at an instant in it. */
  draw(data: ChartData, at: number | null): void
  resize(width: number, height: number): void
  /** Puts the crosshair at an instant, without an event. */
  pointAt(at: number | null): void
  /** Where an instant is, CSS pixels from the left of the plotting area. */
  readonly leftOf: (at: number) => number
}

/** What a chart must be built anew for: everything of lines and axes but the values. */
export function shapeOf({ lines, axes }: ChartData): string {
  return JSON.stringify([lines.map((line) => ({ ...line, values: 0 })), axes])
}

/** uPlot's numbers for what its type declarations have names for that do not exist when it runs. */
const logarithmic: object = { distr: 3 }
const onTheRight: object = { side: 1 }

const dashes = { solid: [], dash: [8, 4], dot: [2, 4] } as const

/** A chart over time on a canvas inside `host`. */
export function createPlot(
  host: HTMLElement,
  size: { readonly width: number; readonly height: number },
  initial: ChartData,
  theme: Theme,
  events: PlotEvents,
): Plot {
  let data = initial
  let view = { from: data.from, to: data.to }
  let handled: MouseEvent | undefined
  let isHovered = false
  let isDestroyed = false
  const { axes } = data
  const visible = { left: axes.some(({ side }) => side === 'left') }
  const plot = new uPlot(
    {
      ...size,
      padding: [8, axes.some(({ side }) => side === 'right') ? 0 : rightPadding, 0, visible.left ? 0 : 8],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false },
        points: { size: 7 },
        bind: {
          mousedown: bindPanning({
            view: () => view,
            show: (next) => {
              view = next
              plot.setScale('x', { min: next.from, max: next.to })
            },
            end: (next) => events.select(next.from, next.to),
          }),
          dblclick: () => () => {
            events.widen()
            return null
          },
        },
      },
      scales: {
        x: { time: false, range: () => [view.from, view.to] },
        ...Object.fromEntries(
          axes.map((axis, index) => [
            scaleName(index),
            {
              ...(axis.isLogarithmic ? logarithmic : {}),
              range: (_: uPlot, low: number | null, high: number | null) => axisRange(low, high, axis),
            } satisfies uPlot.Scale,
          ]),
        ),
      },
      axes: [
        {
          ...axisLook(theme),
          space: 64,
          incrs: timeIncrements,
          values: (_, ticks, __, ___, increment) => ticks.map((tick) => formatTick(tick, increment)),
          splits: timeSplits,
          size: 26,
        },
        ...axes.map((axis, index) => valueAxis(axis, index, theme)),
      ],
      series: [{}, ...data.lines.map((line) => lineSeries(line, theme))],
      bands: stackedOn(data.lines).map(([upper, lower]) => ({ series: [upper + 1, lower + 1] })),
      hooks: {
        drawClear: [(self) => drawThresholds(self, axes, theme)],
        draw: [(self) => drawMarks(self, data.marks, theme)],
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
            if (selected > 4) events.select(self.posToVal(left, 'x'), self.posToVal(left + selected, 'x'))
            self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          },
        ],
      },
    },
    aligned(data),
    host,
  )
  const pointAt = (at: number | null): void => {
    const left = at === null ? -10 : plot.valToPos(at, 'x')
    plot.setCursor({ left, top: at === null ? -10 : 0 }, false)
  }
  return {
    draw: (next, at) => {
      data = next
      view = { from: next.from, to: next.to }
      plot.setData(aligned(next))
      // uPlot applies the new scales in a microtask of its own, which was queued first.
      queueMicrotask(() => {
        if (!isDestroyed) pointAt(at)
      })
    },
    resize: (width, height) => plot.setSize({ width, height }),
    pointAt,
    leftOf: (at) => plot.valToPos(at, 'x') + plot.over.offsetLeft,
    [Symbol.dispose]: () => {
      isDestroyed = true
      plot.destroy()
    },
  }
}

function scaleName(axis: number): string {
  return `y${axis}`
}

function axisLook(theme: Theme): Pick<uPlot.Axis, 'stroke' | 'font' | 'grid' | 'ticks'> {
  return {
    stroke: theme.text,
    font: theme.font,
    grid: { stroke: theme.grid, width: 1 },
    ticks: { show: false },
  }
}

function valueAxis(axis: ChartAxis, index: number, theme: Theme): uPlot.Axis {
  const look = axisLook(theme)
  return {
    ...look,
    scale: scaleName(index),
    show: axis.side !== 'hidden',
    ...(axis.side === 'right' ? onTheRight : {}),
    grid: { ...look.grid, show: index === 0 },
    size: axisWidth + (axis.label === '' ? 0 : 16),
    space: 30,
    ...(axis.label === '' ? {} : { label: axis.label, labelSize: 16, labelFont: theme.font }),
    ...(isBinaryUnit(axis.unit) && !axis.isLogarithmic ? { incrs: binaryIncrements } : {}),
    values: (_, ticks) => tickTexts(ticks, axis),
  }
}

function lineSeries(line: ChartLine, theme: Theme): uPlot.Series {
  const colour = theme.resolve(line.colour)
  const { linear, spline, stepped, bars } = uPlot.paths
  const paths = {
    line: linear,
    smooth: spline,
    'step-before': () => stepped?.({ align: -1 }),
    'step-after': () => stepped?.({ align: 1 }),
    bars: () => bars?.({ size: [0.8, 40] }),
    points: () => () => null,
  }[line.shape]?.()
  return {
    label: line.name,
    scale: scaleName(line.axis),
    stroke: colour,
    width: line.width,
    dash: [...dashes[line.dash]],
    spanGaps: line.spansGaps,
    ...(paths === undefined ? {} : { paths }),
    ...(line.fill > 0
      ? { fill: `color-mix(in srgb, ${colour} ${Math.round(line.fill * 100)}%, transparent)` }
      : {}),
    points:
      line.shape === 'points'
        ? { show: true, size: 5, fill: colour }
        : {
            show: false,
            size: 4,
            filter: (self, seriesIndex) => isolatedIndexes(self.data[seriesIndex] ?? []),
          },
  }
}

function aligned({ times, lines }: ChartData): uPlot.AlignedData {
  return [[...times], ...drawnValues(lines).map((values) => [...values])]
}
