import type { JSX } from 'preact'
import { formatClock, formatTick } from '../format/time.ts'
import type { Panel } from '../panels/panel.ts'
import { indexAt } from '../query/table.ts'
import type { Table } from '../query/table.ts'
import type { SharedCursor } from '../state/shared-cursor.ts'
import { gutterLeft, gutterRight } from './layout.ts'
import { segmentsOf } from './segments.ts'
import { useCursor } from './use-cursor.ts'

interface Properties {
  readonly panel: Panel
  readonly table: Table
  readonly width: number
  readonly from: number
  readonly to: number
  readonly cursor: SharedCursor
}

const rowHeight = 40
const barHeight = 18
const axisHeight = 22
/** A label in a bar needs about this much room. */
const labelWidth = 54

/** One bar per series; colour and text say which state it was in, a blank that nobody knows. */
export function Timeline({ panel, table, width, from, to, cursor }: Properties): JSX.Element {
  const at = useCursor(cursor)
  const right = width - gutterRight
  const x = (seconds: number): number =>
    Math.min(
      right,
      Math.max(gutterLeft, gutterLeft + ((seconds - from) / (to - from)) * (right - gutterLeft)),
    )
  const height = table.columns.length * rowHeight + axisHeight
  const index = indexAt(table, at)
  const ticks = Array.from({ length: 3 }, (_, position) => from + ((to - from) * (position + 0.5)) / 3)

  const hover = (event: PointerEvent): void => {
    if (!(event.currentTarget instanceof SVGElement)) return
    const left = event.clientX - event.currentTarget.getBoundingClientRect().left
    const seconds = from + ((left - gutterLeft) / (right - gutterLeft)) * (to - from)
    const nearest = indexAt(table, seconds)
    cursor.move(nearest === null ? null : (table.times[nearest] ?? null))
  }
  return (
    <svg
      class="timeline"
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`${panel.title}: ${table.columns.map(({ name, values }) => `${name} ${stateText(panel, values.at(-1))}`).join(', ')}`}
      onPointerMove={hover}
      onPointerLeave={() => cursor.move(null)}
    >
      {table.columns.map(({ name, values }, row) => (
        <g key={name}>
          <text class="timeline-name" x={gutterLeft} y={row * rowHeight + 13}>
            {name}
            {index !== null &&
              `: ${stateText(panel, values[index])} at ${formatClock(table.times[index]! * 1000)}`}
          </text>
          {segmentsOf(values).map(({ first, end, value }) => {
            const left = x(table.times[first]!)
            const segmentWidth = Math.max(1.5, x(table.times[end - 1]! + table.stepSeconds) - left)
            const state = panel.states?.get(value)
            const top = row * rowHeight + 18
            return (
              <g key={first}>
                <rect
                  class={`state-${state?.tone ?? 'unknown'}`}
                  x={left}
                  y={top}
                  width={segmentWidth}
                  height={barHeight}
                  rx="2"
                >
                  <title>{`${name}: ${state?.text ?? String(value)} from ${formatClock(table.times[first]! * 1000)}`}</title>
                </rect>
                {segmentWidth > labelWidth && (
                  <text class="state-label" x={left + 6} y={top + 13}>
                    {state?.text ?? String(value)}
                  </text>
                )}
              </g>
            )
          })}
        </g>
      ))}
      {ticks.map((tick) => (
        <text class="timeline-tick" key={tick} x={x(tick)} y={height - 6} text-anchor="middle">
          {formatTick(tick, to - from > 2 * 86_400 ? 86_400 : 60)}
        </text>
      ))}
      {at !== null && at >= from && at <= to && (
        <line class="crosshair" x1={x(at)} x2={x(at)} y1="0" y2={height - axisHeight} />
      )}
    </svg>
  )
}

function stateText(panel: Panel, value: number | null | undefined): string {
  if (value === null || value === undefined) return 'not measured'
  return panel.states?.get(value)?.text ?? String(value)
}
