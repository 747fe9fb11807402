import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'

const files = ['record.yaml', 'record-long.yaml']
const rules = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ record: z.string(), expr: z.string() })) })),
})

/** What a recorded series is of, where it is one function of one metric, perhaps with labels left out. */
const oneFunction = /^(?:(\w+) without \(([\w, ]*)\) \()?(\w+)\((\w+)\[(\w+)\]\)\)?$/

/** What rules left out of a recorded series. */
export interface Aggregation {
  readonly operator: string
  readonly labels: readonly string[]
}

/** A recorded series, and the function that makes one value of several of its samples. */
export interface Recorded {
  readonly name: string
  readonly overTime: string
  readonly aggregation: Aggregation | undefined
}

/** Recorded series by what they hold: `rate x`, `increase x 10m`, `max_over_time x`. */
const known: ReadonlyMap<string, Omit<Recorded, 'overTime'>> = new Map(
  files
    .map((file) => readFileSync(new URL(`../../rules/${file}`, import.meta.url), 'utf8'))
    .flatMap((text) => rules.parse(parse(text)).groups.flatMap((group) => group.rules))
    .flatMap(({ record, expr }) => {
      const [, operator, labels, operation, metric, window] = oneFunction.exec(expr) ?? []
      if (operation === undefined) return []
      const aggregation = operator === undefined ? undefined : { operator, labels: labels!.split(', ') }
      return [[keyOf(operation, metric!, window!), { name: record, aggregation }] as const]
    }),
)

function keyOf(operation: string, metric: string, window: string): string {
  return operation === 'increase' ? `${operation} ${metric} ${window}` : `${operation} ${metric}`
}

/** What is recorded of a rate or an increase; rates over any window are recorded over five minutes. */
export function recordedRate(operation: string, metric: string, window: string): Recorded | undefined {
  const found = known.get(keyOf(operation, metric, window))
  // The most that there was within ten minutes is what an increase is shown for.
  return found && { ...found, overTime: operation === 'rate' ? 'avg_over_time' : 'max_over_time' }
}

/** What is recorded of values as they were measured. */
export function recordedValue(metric: string): Recorded | undefined {
  for (const overTime of ['avg_over_time', 'max_over_time', 'min_over_time']) {
    const found = known.get(keyOf(overTime, metric, ''))
    if (found !== undefined) return { ...found, overTime }
  }
  return undefined
}
