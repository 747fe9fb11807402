import type { JSX } from 'preact'
import { formatDateTime } from '../format/time.ts'
import type { ChartData } from './lines.ts'

/** Flags are so far apart at least, CSS pixels; what is closer shares one. */
const leastDistance = 8

/** A flag above each event's line, which says what happened. */
export function MarkFlags({
  data: { marks, from, to },
  leftOf,
}: {
  readonly data: ChartData
  readonly leftOf: (at: number) => number
}): JSX.Element {
  const groups: { left: number; colour: string; texts: string[] }[] = []
  for (const { at, colour, text } of marks.toSorted((a, b) => a.at - b.at)) {
    if (at < from || at > to) continue
    const left = leftOf(at)
    const words = `${formatDateTime(at * 1000)} ${text}`
    const last = groups.at(-1)
    if (last !== undefined && left - last.left < leastDistance) last.texts.push(words)
    else groups.push({ left, colour, texts: [words] })
  }
  return (
    <>
      {groups.map(({ left, colour, texts }) => (
        <span
          key={left}
          class="mark-flag"
          role="img"
          aria-label={texts.join(', ')}
          title={texts.join('\n')}
          style={{ left: `${left}px`, color: colour }}
        >
          ▼
        </span>
      ))}
    </>
  )
}
