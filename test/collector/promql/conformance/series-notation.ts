import { parseSelector } from '../../../../collector/promql/parse-selector.ts'
import { parseDurationMs, parseNumber } from '../../../../collector/promql/syntax/numbers.ts'
import { labelSet } from '../../../../common/series/label-set.ts'
import type { LabelSet } from '../../../../common/series/label-set.ts'
import { setStale } from '../../../../common/series/stale.ts'

export type SeriesItem =
  | { readonly kind: 'gap' }
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'stale' }
  | { readonly kind: 'histogram' }

/** One `series values` line of a test file. */
export interface SeriesLine {
  readonly labels: LabelSet
  readonly items: readonly SeriesItem[]
}

const linePattern =
  /^((?:[A-Za-z_:][\w:]*)?\s*(?:\{(?:[^{}"'`]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)*\})?)(?:\s+|$)(.*)$/
const repeatPattern = /^([+-]?[^+\-x]+(?:[eE][+-]\d+)?|[+-]?0x[0-9a-fA-F]+)(?:([+-])(.+?))?x(\d+)$/

export function parseSeriesLine(line: string): SeriesLine {
  // A native histogram is known by its braces; its contents do not matter to floats.
  const match = linePattern.exec(line)
  if (match === null) throw new Error(`not a series: ${line}`)
  const [, metric = '', values = ''] = match
  const text = values.replaceAll(/\{\{.*?\}\}/g, 'HISTOGRAM')
  const tokens = text.split(/\s+/).filter((token) => token !== '')
  return { labels: parseLabels(metric.trim()), items: tokens.flatMap(parseItem) }
}

function parseLabels(metric: string): LabelSet {
  if (/^\{\s*\}$/.test(metric)) return []
  const labels: Record<string, string> = {}
  for (const { name, value } of parseSelector(metric)[0]!) labels[name] = value
  return labelSet(labels)
}

function parseItem(token: string): SeriesItem[] {
  if (token.includes('HISTOGRAM')) {
    const times = /x(\d+)$/.exec(token)
    const count = times === null ? 1 : Number(times[1]) + 1
    return Array.from({ length: count }, () => ({ kind: 'histogram' as const }))
  }
  if (token === '_') return [{ kind: 'gap' }]
  if (token === 'stale') return [{ kind: 'stale' }]
  const gaps = /^_x(\d+)$/.exec(token)
  if (gaps !== null) return Array.from({ length: Number(gaps[1]) }, () => ({ kind: 'gap' as const }))
  const repeat = repeatPattern.exec(token)
  if (repeat === null) return [{ kind: 'value', value: parseValue(token) }]
  const first = parseValue(repeat[1]!)
  const delta = repeat[3] === undefined ? 0 : parseValue(repeat[3]) * (repeat[2] === '-' ? -1 : 1)
  const out: SeriesItem[] = []
  let value = first
  for (let i = 0; i <= Number(repeat[4]); i++) {
    out.push({ kind: 'value', value })
    value += delta
  }
  return out
}

/** A number, or a duration in seconds, with an optional sign. */
export function parseValue(text: string): number {
  const negative = text.startsWith('-')
  const unsigned = negative || text.startsWith('+') ? text.slice(1) : text
  const durationMs = parseDurationMs(unsigned)
  const value = parseNumber(unsigned) ?? (durationMs === undefined ? undefined : durationMs / 1000)
  if (value === undefined) throw new Error(`not a value: ${text}`)
  return negative ? -value : value
}

/** The items as samples `stepMs` apart from time 0; histograms are left out. */
export function toSamples(
  items: readonly SeriesItem[],
  stepMs: number,
): { timestamps: Float64Array; values: Float64Array } {
  const kept = items.map((item, i) => ({ item, timeMs: i * stepMs }))
  const floats = kept.filter(({ item }) => item.kind === 'value' || item.kind === 'stale')
  const values = new Float64Array(floats.length)
  for (const [i, { item }] of floats.entries()) {
    if (item.kind === 'value') values[i] = item.value
    else setStale(values, i)
  }
  return { timestamps: Float64Array.from(floats, ({ timeMs }) => timeMs), values }
}
