import { useEffect, useRef, useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { onThemeChange } from '../state/theme.ts'
import type { SharedCursor } from '../state/shared-cursor.ts'
import type { ChartData } from './lines.ts'
import { isTimeKey, keyedView, steppedCursor } from './chart-keys.ts'
import { createPlot, shapeOf } from './time-plot.ts'
import type { Plot } from './time-plot.ts'
import { readTheme } from './theme.ts'
import { ChartTooltip } from './chart-tooltip.tsx'
import { MarkFlags } from './mark-flags.tsx'
import { useSize } from './use-size.ts'

interface Properties {
  readonly title: string
  readonly data: ChartData
  readonly cursor: SharedCursor
  /** Another stretch of time is wanted, in seconds. */
  readonly onSelect: (from: number, to: number) => void
  readonly onWiden: () => void
}

/** Lines over time that fill their element, with the crosshair shared by all charts. */
export function TimeChart({ title, data, cursor, onSelect, onWiden }: Properties): JSX.Element {
  const [frame, size] = useSize<HTMLDivElement>()
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<Plot | null>(null)
  const [isHovered, setHovered] = useState(false)
  const [theme, setTheme] = useState(readTheme)
  useEffect(() => onThemeChange(() => setTheme(readTheme())), [])
  const events = useRef({ onSelect, onWiden })
  events.current = { onSelect, onWiden }
  const isSized = size.width > 0 && size.height > 40
  const shape = shapeOf(data)

  useEffect(() => {
    if (host.current === null || !isSized) return
    const created = createPlot(host.current, size, data, theme, {
      hover: (at) => {
        setHovered(at !== null)
        cursor.move(at)
      },
      select: (from, to) => events.current.onSelect(from, to),
      widen: () => events.current.onWiden(),
    })
    plot.current = created
    const unsubscribe = cursor.subscribe((at) => created.pointAt(at))
    return () => {
      unsubscribe()
      created[Symbol.dispose]()
      plot.current = null
    }
  }, [shape, theme, cursor, isSized])
  useEffect(() => plot.current?.draw(data, cursor.at), [data])
  useEffect(() => {
    if (isSized) plot.current?.resize(size.width, size.height)
  }, [size])

  return (
    <div class="chart" ref={frame}>
      <div
        class="plot"
        ref={host}
        tabIndex={0}
        role="group"
        aria-label={`Chart of ${title}: arrow keys move through time, with Shift they move the chart, plus and minus zoom, Escape ends`}
        onKeyDown={(event) => {
          if (!isTimeKey(event)) return
          event.preventDefault()
          const view = keyedView(data, cursor.at, event)
          if (view !== null) onSelect(view.from, view.to)
          else {
            const next = steppedCursor(data, cursor.at, event.key)
            setHovered(next !== null)
            cursor.move(next)
          }
        }}
        onBlur={() => setHovered(false)}
      />
      {plot.current !== null && <MarkFlags data={data} leftOf={plot.current.leftOf} />}
      {isHovered && plot.current !== null && (
        <ChartTooltip data={data} cursor={cursor} leftOf={plot.current.leftOf} width={size.width} />
      )}
    </div>
  )
}
