type Values = readonly (number | null)[]

const numbers = (values: Values): readonly number[] =>
  values.filter((value): value is number => value !== null && !Number.isNaN(value))

/** Ways to make one number of many, by Grafana's names; each gives null where there is no number. */
const reducers: Readonly<Record<string, (values: Values) => number | null>> = {
  last: (values) => values.at(-1) ?? null,
  lastNotNull: (values) => values.findLast((value) => value !== null && !Number.isNaN(value)) ?? null,
  first: (values) => values[0] ?? null,
  firstNotNull: (values) => values.find((value) => value !== null && !Number.isNaN(value)) ?? null,
  min: (values) => numbers(values).reduce<number | null>((low, one) => Math.min(low ?? one, one), null),
  max: (values) => numbers(values).reduce<number | null>((high, one) => Math.max(high ?? one, one), null),
  mean: (values) => {
    const all = numbers(values)
    return all.length === 0 ? null : all.reduce((sum, one) => sum + one, 0) / all.length
  },
  sum: (values) => {
    const all = numbers(values)
    return all.length === 0 ? null : all.reduce((sum, one) => sum + one, 0)
  },
  total: (values) => reducers['sum']!(values),
  count: (values) => values.length,
  range: (values) => between(reducers['min']!(values), reducers['max']!(values)),
  delta: (values) => {
    const all = numbers(values)
    let sum = 0
    for (let i = 1; i < all.length; i++) sum += all[i]! >= all[i - 1]! ? all[i]! - all[i - 1]! : all[i]!
    return all.length === 0 ? null : sum
  },
  diff: (values) => between(reducers['firstNotNull']!(values), reducers['lastNotNull']!(values)),
  median: (values) => quantile(values, 0.5),
}

function between(low: number | null, high: number | null): number | null {
  return low === null || high === null ? null : high - low
}

function quantile(values: Values, share: number): number | null {
  const sorted = numbers(values).toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null
}

/** Makes one number of a field's values; null where there is none to make it of. */
export function reduce(calc: string, values: Values): number | null {
  const share = /^p(\d{1,2})$/.exec(calc)
  if (share !== null) return quantile(values, Number(share[1]) / 100)
  return (reducers[calc] ?? reducers['lastNotNull']!)(values)
}

const texts: Readonly<Record<string, string>> = {
  last: 'Last',
  lastNotNull: 'Last',
  first: 'First',
  firstNotNull: 'First',
  min: 'Min',
  max: 'Max',
  mean: 'Mean',
  sum: 'Total',
  total: 'Total',
  count: 'Count',
  range: 'Range',
  delta: 'Delta',
  diff: 'Change',
  median: 'Median',
}

/** What a way to reduce is called above its column. */
export function nameOfCalc(calc: string): string {
  return texts[calc] ?? calc
}
