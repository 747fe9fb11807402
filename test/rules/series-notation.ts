import { parsePrometheusDuration } from '../../common/series/prometheus-duration.ts'
import { labelSet } from '../../common/series/label-set.ts'
import type { LabelSet } from '../../common/series/label-set.ts'

/** `up{ins="a"}` as a label set. */
export function readSeries(text: string): LabelSet {
  const match = /^([a-zA-Z_:][\w:]*)?\s*(?:\{(.*)\})?$/s.exec(text.trim())
  if (match === null) throw new Error(`no series: ${text}`)
  const labels: Record<string, string> = { __name__: match[1] ?? '' }
  for (const [, name, value] of (match[2] ?? '').matchAll(/(\w+)\s*=\s*("(?:[^"\\]|\\.)*")/g)) {
    labels[name!] = JSON.parse(value!) as string
  }
  return labelSet(labels)
}

/**
 * promtool's notation of values at regular times: `1 2 _ stale`, `0+1x3` is 0 1 2 3, `7x2` is 7 7 7, `_x2` is _ _.
 * @returns a number, 'stale', or undefined for a gap
 */
export function readValues(text: string): readonly (number | 'stale' | undefined)[] {
  return text
    .trim()
    .split(/\s+/)
    .flatMap((item): readonly (number | 'stale' | undefined)[] => {
      if (item === 'stale') return ['stale']
      const gap = /^_(?:x(\d+))?$/.exec(item)
      if (gap !== null) return Array.from({ length: Number(gap[1] ?? 1) }, () => undefined)
      const match = /^([+-]?[\d.eE]+|NaN|[+-]?Inf)(?:([+-][\d.]+)?x(\d+))?$/.exec(item)
      if (match === null) throw new Error(`no value: ${item}`)
      const first = Number(match[1]!.replace('Inf', 'Infinity'))
      return Array.from({ length: Number(match[3] ?? 0) + 1 }, (_, i) => first + i * Number(match[2] ?? 0))
    })
}

/** Milliseconds of a duration that must be one. */
export function readDuration(text: string): number {
  const durationMs = parsePrometheusDuration(text)
  if (durationMs === undefined) throw new Error(`no duration: ${text}`)
  return durationMs
}
