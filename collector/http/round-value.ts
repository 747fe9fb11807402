import type { QueryValue } from './query-service.ts'

/** Beyond this many digits nothing of a double is rounded away (VictoriaMetrics: decimal.RoundToDecimalDigits). */
const mostDigits = 100

/** The value with so many digits after the point, as VictoriaMetrics' `round_digits` asks. */
export function roundValue(value: QueryValue, digits: number): QueryValue {
  if (Math.abs(digits) >= mostDigits) return value
  const factor = 10 ** digits
  const round = (number: number): number => {
    const rounded = (Math.sign(number) * Math.round(Math.abs(number) * factor)) / factor
    return Number.isFinite(rounded) ? rounded : number
  }
  switch (value.kind) {
    case 'string':
      return value
    case 'scalar':
      return { ...value, value: round(value.value) }
    case 'vector':
      return {
        ...value,
        samples: value.samples.map((sample) => ({ ...sample, value: round(sample.value) })),
      }
    case 'matrix':
      return {
        ...value,
        series: value.series.map((series) => ({ ...series, values: series.values.map(round) })),
      }
  }
}
