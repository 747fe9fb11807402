import { useEffect, useRef, useState } from 'preact/hooks'
import type { JSX } from 'preact'
import type { Panel } from '../panels/panel.ts'
import type { Table } from '../query/table.ts'
import { indexAt } from '../query/table.ts'
import type { SharedCursor } from '../state/shared-cursor.ts'
import { createPlot } from './plot.ts'
import type { Plot } from './plot.ts'
import { onThemeChange, readTheme } from './theme.ts'

interface Properties {
  readonly panel: Panel
  /** Only the columns to draw, with their looks. */
  readonly table: Table
  readonly slots: readonly number[]
  readonly width: number
  readonly from: number
  readonly to: number
  readonly cursor: SharedCursor
  readonly onZoom: (from: number, to: number) => void
}

/** Lines or stacked areas over time, with the crosshair shared by all charts; arrow keys move it. */
export function LineChart(properties: Properties): JSX.Element {
  const { panel, table, slots, width, from, to, cursor, onZoom } = properties
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<Plot | null>(null)
  const [theme, setTheme] = useState(readTheme)
  useEffect(() => onThemeChange(() => setTheme(readTheme())), [])
  const names = table.columns.map(({ name }) => name)
  const data = { times: table.times, columns: table.columns, from, to }
  const zoom = useRef(onZoom)
  zoom.current = onZoom

  useEffect(() => {
    if (host.current === null) return
    const shape = {
      names,
      slots,
      unit: panel.unit,
      stack: panel.kind === 'stack',
      top: panel.top,
      fromZero: panel.fromZero ?? true,
    }
    const created = createPlot(host.current, width, shape, data, theme, {
      hover: (at) => cursor.move(at),
      zoom: (start, end) => zoom.current(start, end),
    })
    plot.current = created
    const unsubscribe = cursor.subscribe((at) => created.pointAt(at))
    return () => {
      unsubscribe()
      created[Symbol.dispose]()
      plot.current = null
    }
  }, [panel, theme, cursor, names.join('\n'), slots.join()])
  useEffect(() => plot.current?.draw(data, cursor.at), [table, from, to])
  useEffect(() => plot.current?.resize(width), [width])

  return (
    <div
      class="plot"
      ref={host}
      tabIndex={0}
      role="group"
      aria-label={`Chart of ${panel.title}: arrow keys move through time, Escape ends`}
      onKeyDown={(event) => {
        const next = steppedCursor(table, cursor.at, event.key)
        if (next === undefined) return
        event.preventDefault()
        cursor.move(next)
      }}
    />
  )
}

/** Where a key moves the crosshair to; undefined for keys that do not. */
function steppedCursor(table: Table, at: number | null, key: string): number | null | undefined {
  const last = table.times.length - 1
  const index = indexAt(table, at)
  switch (key) {
    case 'ArrowLeft':
      return table.times[Math.max(0, (index ?? last + 1) - 1)] ?? null
    case 'ArrowRight':
      return table.times[Math.min(last, (index ?? -1) + 1)] ?? null
    case 'Home':
      return table.times[0] ?? null
    case 'End':
      return table.times[last] ?? null
    case 'Escape':
      return null
    default:
      return undefined
  }
}
