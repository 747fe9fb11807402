import { useEffect, useRef, useState } from 'preact/hooks'
import type { JSX } from 'preact'
import type { z } from 'zod'
import { axisWidth } from '../../chart/layout.ts'
import { readTheme } from '../../chart/theme.ts'
import { useCursor } from '../../chart/use-cursor.ts'
import { useSize } from '../../chart/use-size.ts'
import { formatDateTime, formatTick } from '../../format/time.ts'
import { formatInUnit } from '../../format/value-format.ts'
import { onThemeChange } from '../../state/theme.ts'
import { bandsOf } from '../data/heat-map.ts'
import type { heatMapOptions } from '../model/panel-kind.ts'
import { NoData } from './no-data.tsx'
import type { ViewProperties } from './view-context.ts'

type Options = z.infer<typeof heatMapOptions>

const axisHeight = 22
const rightGutter = 18

/** How often values fell into each band, the darker the more. */
export function HeatMapView({ title, options, config, data, context }: ViewProperties<Options>): JSX.Element {
  const [element, size] = useSize<HTMLDivElement>()
  const canvas = useRef<HTMLCanvasElement>(null)
  const [theme, setTheme] = useState(readTheme)
  useEffect(() => onThemeChange(() => setTheme(readTheme())), [])
  const at = useCursor(context.cursor)
  const [band, setBand] = useState<number | null>(null)
  const bands = bandsOf(data.frames)
  const from = data.span.fromMs
  const to = data.span.toMs
  const width = Math.max(1, size.width - axisWidth - rightGutter)
  const height = Math.max(1, size.height - axisHeight)
  const rowHeight = height / Math.max(1, bands.bounds.length)
  const x = (ms: number): number => ((ms - from) / (to - from)) * width

  useEffect(() => {
    const target = canvas.current
    const context2d = target?.getContext('2d')
    if (target === null || context2d === null || context2d === undefined) return
    const ratio = devicePixelRatio
    target.width = width * ratio
    target.height = height * ratio
    context2d.scale(ratio, ratio)
    context2d.fillStyle = theme.resolve('var(--accent)')
    const cell = Math.max(1, (data.stepSeconds * 1000 * width) / (to - from))
    bands.counts.forEach((counts, row) => {
      counts.forEach((count, index) => {
        if (count === null || count <= 0) return
        // The square root keeps what is rare visible beside what is usual.
        context2d.globalAlpha = 0.08 + 0.92 * Math.sqrt(count / bands.peak)
        const top = height - (row + 1) * rowHeight
        context2d.fillRect(x(bands.times[index]!) - cell, top, cell + 0.5, rowHeight - 0.5)
      })
    })
  }, [data, width, height, theme])

  if (bands.bounds.length === 0) return <NoData config={config} />
  const nearest =
    at === null ? null : Math.round((at * 1000 - (bands.times[0] ?? 0)) / (data.stepSeconds * 1000))
  const boundText = (row: number): string => {
    const bound = bands.bounds[row] ?? ''
    const number = bound === '+Inf' ? Infinity : Number(bound)
    return Number.isNaN(number)
      ? bound
      : formatInUnit(number, options.yAxis.unit, options.yAxis.decimals ?? null, context.nowMs)
  }
  const every = Math.max(1, Math.ceil(18 / rowHeight))
  const hover = (event: PointerEvent): void => {
    if (!(event.currentTarget instanceof HTMLElement)) return
    const box = event.currentTarget.getBoundingClientRect()
    const ms = from + ((event.clientX - box.left) / box.width) * (to - from)
    const index = Math.round((ms - (bands.times[0] ?? 0)) / (data.stepSeconds * 1000))
    const time = bands.times[index]
    context.cursor.move(time === undefined ? null : time / 1000)
    setBand(bands.bounds.length - 1 - Math.floor((event.clientY - box.top) / rowHeight))
  }
  const count = band === null || nearest === null ? null : (bands.counts[band]?.[nearest] ?? null)
  return (
    <div class="heat-map" ref={element} role="group" aria-label={`Heat map of ${title}`}>
      {bands.bounds.map((bound, row) =>
        row % every === 0 ? (
          <span
            key={bound}
            class="heat-bound"
            style={{ bottom: `${axisHeight + (row + 1) * rowHeight - 8}px` }}
          >
            {boundText(row)}
          </span>
        ) : null,
      )}
      <div
        class="heat-cells"
        style={{ left: `${axisWidth}px`, width: `${width}px`, height: `${height}px` }}
        onPointerMove={hover}
        onPointerLeave={() => {
          context.cursor.move(null)
          setBand(null)
        }}
      >
        <canvas ref={canvas} style={{ width: `${width}px`, height: `${height}px` }} />
        {at !== null && at * 1000 >= from && at * 1000 <= to && (
          <span class="heat-cursor" style={{ left: `${x(at * 1000)}px` }} />
        )}
      </div>
      {[0.1, 0.5, 0.9].map((share) => (
        <span key={share} class="heat-time" style={{ left: `${axisWidth + share * width}px` }}>
          {formatTick((from + share * (to - from)) / 1000, to - from > 2 * 86_400_000 ? 86_400 : 60)}
        </span>
      ))}
      {band !== null && at !== null && (
        <p class="heat-tip soft">
          {formatDateTime(at * 1000)} up to {boundText(band)}:{' '}
          {formatInUnit(count, options.cellValues.unit, null, context.nowMs)}
        </p>
      )}
    </div>
  )
}
