import type { ChartData } from './lines.ts'

type Times = Pick<ChartData, 'times' | 'stepSeconds' | 'from' | 'to'>
type Key = Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'>

const keys = new Set(['ArrowLeft', 'ArrowRight', 'Home', 'End', 'Escape', '+', '=', '-', '_'])

/** Whether a key means something to a chart. */
export function isTimeKey({ key, ctrlKey, metaKey, altKey }: Key): boolean {
  return keys.has(key) && !ctrlKey && !metaKey && !altKey
}

/** The index of the instant nearest to `at` (seconds), or null where the data do not reach. */
export function indexAt(
  { times, stepSeconds }: Pick<Times, 'times' | 'stepSeconds'>,
  at: number | null,
): number | null {
  const first = times[0]
  if (at === null || first === undefined) return null
  const index = Math.round((at - first) / stepSeconds)
  return index >= 0 && index < times.length ? index : null
}

/** The part of time that a key asks for: Shift with arrows moves by a quarter, plus and minus zoom around the crosshair. */
export function keyedView(
  { from, to }: Times,
  at: number | null,
  { key, shiftKey }: Key,
): { readonly from: number; readonly to: number } | null {
  const length = to - from
  if (shiftKey && key === 'ArrowLeft') return { from: from - length / 4, to: to - length / 4 }
  if (shiftKey && key === 'ArrowRight') return { from: from + length / 4, to: to + length / 4 }
  const middle = at ?? (from + to) / 2
  const around = (share: number): { from: number; to: number } => ({
    from: middle - (middle - from) * share,
    to: middle + (to - middle) * share,
  })
  if (key === '+' || key === '=') return around(0.5)
  if (key === '-' || key === '_') return around(2)
  return null
}

/** Where a key moves the crosshair to; null ends it. */
export function steppedCursor(data: Times, at: number | null, key: string): number | null {
  const { times } = data
  const last = times.length - 1
  const index = indexAt(data, at)
  switch (key) {
    case 'ArrowLeft':
      return times[Math.max(0, (index ?? last + 1) - 1)] ?? null
    case 'ArrowRight':
      return times[Math.min(last, (index ?? -1) + 1)] ?? null
    case 'Home':
      return times[0] ?? null
    case 'End':
      return times[last] ?? null
    default:
      return null
  }
}
