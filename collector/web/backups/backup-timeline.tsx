import type { JSX } from 'preact'
import { formatTick } from '../format/time.ts'
import { usePlacement } from '../state/use-placement.ts'
import type { BackupTimeline, Mark, Stretch } from './timeline-marks.ts'

const height = 96
const spanY = 14
const setY = 38
const runY = 62
const axisY = 88
const size = 6

interface Properties {
  readonly timeline: BackupTimeline
  readonly shown: Stretch
  readonly nowMs: number
  /** The same in words, for those who do not see it. */
  readonly label: string
}

/** Time from left to right: what can be restored, the backups that are kept, and the work around them. */
export function TimelineDrawing({ timeline, shown, nowMs, label }: Properties): JSX.Element {
  const [element, { width }] = usePlacement<HTMLDivElement>()
  const x = (atMs: number): number =>
    ((atMs - shown.fromMs) / (shown.toMs - shown.fromMs)) * Math.max(1, width - 2 * size) + size
  return (
    <div ref={element} class="backup-drawing">
      {width > 0 && (
        <svg role="img" aria-label={label} width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
          {timeline.spans.map(({ fromMs, toMs }) => (
            <rect
              key={`${fromMs} ${toMs}`}
              class="span"
              x={x(fromMs)}
              y={spanY - 6}
              width={Math.max(2, x(toMs) - x(fromMs))}
              height={12}
              rx={3}
            />
          ))}
          <Ticks shown={shown} x={x} width={width} />
          <line class="now" x1={x(nowMs)} x2={x(nowMs)} y1={2} y2={axisY - 10} />
          {timeline.sets.map((mark) => (
            <MarkShape key={mark.text} mark={mark} x={x(mark.atMs)} y={setY} />
          ))}
          {timeline.runs.map((mark) => (
            <MarkShape key={mark.text} mark={mark} x={x(mark.atMs)} y={runY} />
          ))}
        </svg>
      )}
    </div>
  )
}

/** The kind is a shape and the state a colour, so that neither has to be told by colour alone. */
export function MarkShape({
  mark: { kind, state, text },
  x,
  y,
}: {
  readonly mark: Mark
  readonly x: number
  readonly y: number
}): JSX.Element {
  return (
    <g class={`mark-shape mark-${state}`} data-kind={kind} data-state={state}>
      <title>{text}</title>
      {state === 'failed' ? (
        <path
          d={`M${x - size} ${y - size}L${x + size} ${y + size}M${x - size} ${y + size}L${x + size} ${y - size}`}
        />
      ) : (
        <Shape kind={kind} x={x} y={y} />
      )}
    </g>
  )
}

function Shape({
  kind,
  x,
  y,
}: {
  readonly kind: Mark['kind']
  readonly x: number
  readonly y: number
}): JSX.Element {
  switch (kind) {
    case 'full':
      return <rect x={x - size} y={y - size} width={2 * size} height={2 * size} />
    case 'diff':
      return <rect x={x - size / 2} y={y - size} width={size} height={2 * size} />
    case 'incr':
      return <rect x={x - 1.5} y={y - size} width={3} height={2 * size} />
    case 'drill':
    case 'restore':
      return <path d={`M${x} ${y - size}L${x + size} ${y}L${x} ${y + size}L${x - size} ${y}Z`} />
    case 'verify':
    case 'expire':
      return <circle cx={x} cy={y} r={size - 1} />
  }
}

const dayMs = 86_400_000

function Ticks({
  shown,
  x,
  width,
}: {
  readonly shown: Stretch
  readonly x: (atMs: number) => number
  readonly width: number
}): JSX.Element {
  const length = shown.toMs - shown.fromMs
  const room = Math.max(2, Math.floor(width / 70))
  const stepMs =
    [dayMs / 24, dayMs / 8, dayMs / 4, dayMs, 2 * dayMs, 7 * dayMs].find((step) => length / step <= room) ??
    30 * dayMs
  const zone = new Date(shown.toMs).getTimezoneOffset() * 60_000
  const first = Math.ceil((shown.fromMs - zone) / stepMs) * stepMs + zone
  const ticks = Array.from(
    { length: Math.max(0, Math.floor((shown.toMs - first) / stepMs) + 1) },
    (_, i) => first + i * stepMs,
  )
  return (
    <>
      {ticks.map((atMs) => (
        <g key={atMs}>
          <line class="tick" x1={x(atMs)} x2={x(atMs)} y1={4} y2={axisY - 12} />
          <text class="tick-text" x={x(atMs)} y={axisY} text-anchor="middle">
            {formatTick(atMs / 1000, stepMs / 1000)}
          </text>
        </g>
      ))}
    </>
  )
}
