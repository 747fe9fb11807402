import { useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { formatDateTime } from '../../format/time.ts'
import { absoluteRange, parseTime, quickRanges, spanOf } from '../../query/time-range.ts'
import type { TimeRange, TimeSpan } from '../../query/time-range.ts'
import { Popover } from './popover.tsx'

interface Properties {
  readonly range: TimeRange
  readonly span: TimeSpan
  readonly nowMs: number
  readonly onChange: (range: TimeRange) => void
}

/** What part of time is shown, and buttons to move and widen it. */
export function TimeControl({ range, span, nowMs, onChange }: Properties): JSX.Element {
  const length = span.toMs - span.fromMs
  const move = (share: number): void =>
    onChange(absoluteRange({ fromMs: span.fromMs + length * share, toMs: span.toMs + length * share }))
  return (
    <div class="time-control" role="group" aria-label="Time range">
      <button type="button" aria-label="Earlier by half the range" title="Earlier" onClick={() => move(-0.5)}>
        ‹
      </button>
      <Popover label={`Time range: ${textOf(range)}`} text={textOf(range)}>
        {(close) => <RangeForm range={range} nowMs={nowMs} onChange={onChange} close={close} />}
      </Popover>
      <button type="button" aria-label="Later by half the range" title="Later" onClick={() => move(0.5)}>
        ›
      </button>
      <button
        type="button"
        aria-label="Show twice as much time"
        title="Show twice as much time"
        onClick={() => onChange(widened(span, nowMs))}
      >
        ⊖
      </button>
    </div>
  )
}

/** Twice the time, not beyond now. */
export function widened({ fromMs, toMs }: TimeSpan, nowMs: number): TimeRange {
  const half = (toMs - fromMs) / 2
  const end = Math.min(toMs + half, Math.max(nowMs, toMs))
  return absoluteRange({ fromMs: end - 4 * half, toMs: end })
}

function textOf({ from, to }: TimeRange): string {
  const quick = quickRanges.find(([start]) => start === from)
  if (to === 'now' && quick !== undefined) return `Last ${quick[1]}`
  const end = (text: string): string => (/^\d+$/.test(text) ? formatDateTime(Number(text)) : text)
  return `${end(from)} to ${end(to)}`
}

function RangeForm({
  range,
  nowMs,
  onChange,
  close,
}: Omit<Properties, 'span'> & { readonly close: () => void }): JSX.Element {
  const asText = (text: string): string => (/^\d+$/.test(text) ? formatDateTime(Number(text)) : text)
  const [from, setFrom] = useState(asText(range.from))
  const [to, setTo] = useState(asText(range.to))
  // What people write is a time of their own clock.
  const read = (text: string, isEnd: boolean): string | null => {
    const trimmed = text.trim().replace(/^(\d{4}-\d\d-\d\d) (\d)/, '$1T$2')
    const ms = parseTime(trimmed, nowMs, isEnd)
    return ms === null ? null : trimmed.startsWith('now') ? trimmed : String(ms)
  }
  const start = read(from, false)
  const end = read(to, true)
  const wanted = start !== null && end !== null ? { from: start, to: end } : null
  const problem =
    start === null
      ? 'From is no time: write now-6h or 2026-01-31 14:00'
      : end === null
        ? 'To is no time: write now or 2026-01-31 15:00'
        : spanOf({ from: start, to: end }, nowMs) === null
          ? 'From has to be before To'
          : null
  return (
    <div class="range-form">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (wanted === null || problem !== null) return
          onChange(wanted)
          close()
        }}
      >
        <label>
          From <input type="text" value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
        </label>
        <label>
          To <input type="text" value={to} onInput={(event) => setTo(event.currentTarget.value)} />
        </label>
        {problem !== null && (
          <p class="panel-error" role="status">
            {problem}
          </p>
        )}
        <button type="submit" disabled={problem !== null}>
          Show
        </button>
      </form>
      <ul class="choices">
        {quickRanges.map(([start, text]) => (
          <li key={start}>
            <button
              type="button"
              class="choice"
              aria-pressed={range.from === start && range.to === 'now'}
              onClick={() => {
                onChange({ from: start, to: 'now' })
                close()
              }}
            >
              Last {text}
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
