import { PgherdError } from '../../common/errors.ts'
import { labelSet, metricNameLabel } from '../../common/series/label-set.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import { parseSelector } from '../promql/parse-selector.ts'

/** A number, a stale marker, or a gap. */
export type NotedValue = number | 'stale' | undefined

/** More than a year of minutes. */
const maxValues = 600_000

/**
 * `up{ins="a"}` as a label set.
 * @throws PgherdError BAD_DATA, QUERY_INVALID
 */
export function readSeries(text: string): LabelSet {
  const [matchers = [], ...others] = parseSelector(text)
  if (others.length > 0 || matchers.some(({ operator }) => operator !== '=')) {
    throw new PgherdError('BAD_DATA', `"${text}" is no series; allowed: name{label="value", ...}`)
  }
  return labelSet(Object.fromEntries(matchers.map(({ name, value }) => [name, value])))
}

/** Labels as `exp_samples` has them, which may be nothing but `{}`. */
export function readLabels(text: string): LabelSet {
  return /^\s*\{\s*\}\s*$/.test(text) ? [] : readSeries(text)
}

/**
 * promtool's notation of values at regular times: `1 2 _ stale`, `0+1x3` is 0 1 2 3, `7x2` is 7 7 7, `_x2` is _ _.
 * @throws PgherdError BAD_DATA
 */
export function readValues(text: string): readonly NotedValue[] {
  const values: NotedValue[] = []
  for (const item of text.trim().split(/\s+/)) {
    if (item === '') continue
    if (item === 'stale') values.push('stale')
    else pushItem(values, item)
    if (values.length > maxValues) {
      throw new PgherdError('BAD_DATA', `a series has more than ${maxValues} values`)
    }
  }
  return values
}

/** How many values `readValues` would make of a text, without making them. */
export function countValues(text: string): number {
  let count = 0
  for (const [, times = '0'] of text.matchAll(/(?:^|\s)\S*?(?:x(\d{1,9}))?(?=\s|$)/g))
    count += Number(times) + 1
  return count
}

const number = String.raw`(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|nan|inf)`
const gap = /^_(?:x(\d{1,9}))?$/
const run = new RegExp(`^([+-]?${number})(?:([+-]${number})?x(\\d{1,9}))?$`, 'i')

function pushItem(values: NotedValue[], item: string): void {
  const gaps = gap.exec(item)
  if (gaps !== null) {
    for (let i = 0; i < Math.min(Number(gaps[1] ?? 1), maxValues + 1); i++) values.push(undefined)
    return
  }
  const match = run.exec(item)
  if (match === null) {
    const allowed = '1 (a number), 0+1x3, 7x3, _ (a gap), _x3 or stale; histograms are not supported'
    throw new PgherdError('BAD_DATA', `"${item.slice(0, 100)}" is no value; allowed: ${allowed}`)
  }
  const [, first = '', step = '0', times = '0'] = match
  const from = readNumber(first)
  const by = readNumber(step)
  for (let i = 0; i <= Math.min(Number(times), maxValues); i++) values.push(from + i * by)
}

/** A number as Go writes them: `NaN`, `+Inf`, `1e3`. */
export function readNumber(text: string): number {
  const match = /^([+-]?)(inf|nan)$/i.exec(text)
  if (match === null) return Number(text)
  if (match[2]!.toLowerCase() === 'nan') return NaN
  return match[1] === '-' ? -Infinity : Infinity
}

/** `up{ins="a"}` again, for people. */
export function printSeries(labels: LabelSet): string {
  let name = ''
  const parts: string[] = []
  for (let i = 0; i < labels.length; i += 2) {
    if (labels[i] === metricNameLabel) name = labels[i + 1]!
    else parts.push(`${labels[i]!}=${JSON.stringify(labels[i + 1])}`)
  }
  return `${name}{${parts.join(', ')}}`
}
