import type { Query } from './panel.ts'
import { isRecorded, recordedRates, recordedValues } from './recorded-series.ts'
import type { Recorded } from './recorded-series.ts'

/*
 * Every sample of a range is read by who draws it, so over weeks panels ask recorded series instead. A hidden variable
 * follows from the range and is in a matcher of both queries: `.+` over short ranges and `-` over long ones, so that one of
 * the two selects nothing and costs nothing.
 */

/** A day, and the hour more that one may have when clocks are set back. */
const shortSeconds = 90_000

/** The least step of recorded series: two of their samples, so that one that comes late leaves no hole. */
export const recordedStep = '10m'

/** The variable: what PromQL tells of the range, and the pattern that takes the value out of it. */
export const detail = {
  name: 'detail',
  query: `query_result(label_replace(vector($__range_s) <= ${shortSeconds}, "detail", ".+", "", "") or on () label_replace(vector(1), "detail", "-", "", ""))`,
  regex: '/detail="([^"]*)"/',
} as const

const whenShort = (selector: string): string => `${selector},${labelOf(selector)}=~"$detail"`
/** Matchers of a recorded series that is asked over long ranges. */
export const whenLong = (selector: string): string => `${selector},${labelOf(selector)}!~"$detail"`

/** A label that all selected series have: figures of a collector may have no cluster. */
function labelOf(selector: string): string {
  return selector.includes('cls=~') ? 'cls' : 'instance'
}

/** With all statements or all tables chosen these ask what was summed over them, which is recorded beside theirs. */
const summedUp = [
  { label: 'query', level: 'statement' },
  { label: 'relname', level: 'table' },
] as const

const selection = /(?:(rate|increase)\()?\b(\w+)\{([^{}]*)\}(?:\[([^\]]+)\]\))?/g

/** The two queries of one of which series are recorded, and as it is any other. */
export function bothWays(query: Query): readonly (Query & { readonly step?: string })[] {
  const long = query.recorded ?? recordedOf(query.expr)
  if (long === undefined) return [query]
  const short = query.expr.replace(selection, (whole, _rate, _metric, selector: string) =>
    whole.replace(`{${selector}}`, () => `{${whenShort(selector)}}`),
  )
  return [
    { ...query, expr: short },
    { ...query, expr: long, step: recordedStep },
  ]
}

/** The same expression over recorded series; undefined where none of its series is recorded. */
function recordedOf(expr: string): string | undefined {
  const asked = rewrite(expr, (selector) => selector)
  const summed = summedUp.find(({ label }) => expr.includes(`${label}=~"$${label}"`))
  if (asked === undefined || summed === undefined) return asked
  const { label, level } = summed
  const isOfEach = new RegExp(`by \\([^)]*\\b${label}\\b`).test(expr)
  const sums = namesOf(asked, level).map((name) => name.replace(level, 'database'))
  if (isOfEach || sums.length === 0 || !sums.every(isRecorded)) return asked
  // `.+` is no statement's identifier, nor a table, and matches each cluster: the other way round than one of them does.
  const chosen = rewrite(expr, (selector) => `${selector},cls!~"$${label}"`)!
  const all = rewrite(expr, (selector) =>
    selector.replace(`${label}=~"$${label}"`, () => `cls=~"$${label}"`),
  )!
  return `${chosen} or ${all.replaceAll(`${level}:`, 'database:')}`
}

function namesOf(expr: string, level: string): readonly string[] {
  return [...expr.matchAll(new RegExp(`\\b${level}:[\\w:]+`, 'g'))].map(([name]) => name)
}

function rewrite(expr: string, matchers: (selector: string) => string): string | undefined {
  const used: Recorded[] = []
  const text = expr.replace(
    selection,
    (
      whole,
      operation: string | undefined,
      metric: string,
      selector: string,
      window: string | undefined,
      at: number,
    ) => {
      const candidates =
        operation === undefined || window === undefined
          ? recordedValues(metric)
          : recordedRates(operation, metric, window)
      const long = whenLong(matchers(selector))
      const found = candidates.find((one) => serves(one, expr, at))
      if (found === undefined) return whole.replace(`{${selector}}`, () => `{${long}}`)
      used.push(found)
      return `${found.overTime}(${found.name}{${long}}[$__interval])`
    },
  )
  return used.length > 0 ? text : undefined
}

/** Whether what was left out of a recorded series is left out by the expression, too, and in the same way. */
function serves({ aggregation }: Recorded, expr: string, at: number): boolean {
  if (aggregation === undefined) return true
  const operator = /(\w+)(?: by \([^)]*\) )?\($/.exec(expr.slice(0, at))?.[1]
  return (
    operator === aggregation.operator &&
    !aggregation.labels.some((label) => new RegExp(`\\b${label}\\b`).test(expr))
  )
}
