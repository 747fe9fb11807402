import type { JSX } from 'preact'
import type { z } from 'zod'
import { segmentsOf } from '../../chart/segments.ts'
import { useCursor } from '../../chart/use-cursor.ts'
import { useSize } from '../../chart/use-size.ts'
import { formatClock, formatDateTime, formatTick } from '../../format/time.ts'
import { display } from '../fields/display.ts'
import { signOf } from '../fields/colours.ts'
import { shownFields } from '../fields/shown-fields.ts'
import type { ShownField } from '../fields/shown-fields.ts'
import { numbersOf } from '../data/frame.ts'
import type { timelineOptions } from '../model/panel-kind.ts'
import { timesOfData } from './chart-data.ts'
import { NoData } from './no-data.tsx'
import type { ViewProperties } from './view-context.ts'

type Options = z.infer<typeof timelineOptions>

const rowHeight = 26
const axisHeight = 22
const rightGutter = 14
/** More rows than that nobody reads, and thousands of them hold the browser up. */
const mostRows = 100

/** One bar per series whose colour and text change with the state; a blank means that nobody knows. */
export function TimelineView({
  title,
  options,
  config,
  data,
  context,
}: ViewProperties<Options>): JSX.Element {
  const [element, { width }] = useSize<HTMLDivElement>()
  const at = useCursor(context.cursor)
  const all = shownFields(data.frames, config, data.scope).filter(({ field }) => field.kind === 'number')
  const fields = all.slice(0, mostRows)
  if (fields.length === 0) return <NoData config={config} />
  const times = timesOfData(data)
  const from = data.span.fromMs / 1000
  const to = data.span.toMs / 1000
  const longest = Math.max(...fields.map(({ name }) => name.length))
  const left = Math.min(width * 0.35, Math.max(68, longest * 7 + 12))
  const right = Math.max(left + 1, width - rightGutter)
  const x = (seconds: number): number =>
    Math.min(right, Math.max(left, left + ((seconds - from) / (to - from)) * (right - left)))
  const height = fields.length * rowHeight + axisHeight
  const hover = (event: PointerEvent): void => {
    if (!(event.currentTarget instanceof SVGElement)) return
    const offset = event.clientX - event.currentTarget.getBoundingClientRect().left
    const seconds = from + ((offset - left) / (right - left)) * (to - from)
    const index = Math.round((seconds - (times[0] ?? 0)) / data.stepSeconds)
    context.cursor.move(times[index] ?? null)
  }
  const textOf = (shown: ShownField, value: number | null): string =>
    value === null ? 'not measured' : display(value, shown.settings, context.nowMs).text
  const ticks = Array.from(
    { length: width > 500 ? 5 : 3 },
    (_, index, count = width > 500 ? 5 : 3) => from + ((to - from) * (index + 0.5)) / count,
  )
  const index = at === null ? null : Math.round((at - (times[0] ?? 0)) / data.stepSeconds)
  return (
    <div class="timeline-scroll" ref={element} tabIndex={0} role="region" aria-label={`States of ${title}`}>
      {width > 0 && (
        <svg
          class="timeline"
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label={`${title}: ${fields.map((one) => `${one.name} ${textOf(one, numbersOf(one.field).at(-1) ?? null)}`).join(', ')}`}
          onPointerMove={hover}
          onPointerLeave={() => context.cursor.move(null)}
        >
          {fields.map((shown, row) => (
            <g key={shown.name}>
              <text class="timeline-name" x={left - 8} y={row * rowHeight + 17} text-anchor="end">
                {shortened(shown.name, left)}
              </text>
              {segmentsOf(numbersOf(shown.field)).map(({ first, end, value }) => {
                const start = x(times[first]!)
                const segmentWidth = Math.max(1.5, x(times[end - 1]! + data.stepSeconds) - start)
                const { text, colour } = display(value, shown.settings, context.nowMs)
                const sign = signOf[colour?.tone ?? 'neutral']
                const label = `${sign} ${text}`.trim()
                return (
                  <g key={first}>
                    <rect
                      x={start}
                      y={row * rowHeight + 3}
                      width={segmentWidth}
                      height={rowHeight - 6}
                      rx="2"
                      data-tone={colour?.tone ?? 'neutral'}
                      style={{ fill: colour?.css ?? 'var(--calm)' }}
                    >
                      <title>{`${shown.name}: ${text} from ${formatDateTime(times[first]! * 1000)} to ${formatDateTime((times[end - 1]! + data.stepSeconds) * 1000)}`}</title>
                    </rect>
                    {options.showValue !== 'never' && segmentWidth > label.length * 7 + 10 && (
                      <text class="state-label" x={start + 6} y={row * rowHeight + 17}>
                        {label}
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
      )}
      {all.length > fields.length && (
        <p class="soft" role="note">
          {all.length - fields.length} more are not drawn
        </p>
      )}
      {at !== null && index !== null && times[index] !== undefined && (
        <p class="timeline-now soft" aria-hidden="true">
          {formatClock(at * 1000)}{' '}
          {fields
            .slice(0, 8)
            .map((one) => `${one.name} ${textOf(one, numbersOf(one.field)[index] ?? null)}`)
            .join(', ')}
        </p>
      )}
    </div>
  )
}

function shortened(name: string, width: number): string {
  const most = Math.max(4, Math.floor((width - 12) / 7))
  return name.length <= most ? name : `…${name.slice(name.length - most + 1)}`
}
