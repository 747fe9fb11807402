import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'

/** What is recorded each five minutes before what is recorded each minute. */
const files = ['record-long.yaml', 'record.yaml']
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

const written = files
  .map((file) => readFileSync(new URL(`../../rules/${file}`, import.meta.url), 'utf8'))
  .map((text) => rules.parse(parse(text)).groups.flatMap((group) => group.rules))

const names: ReadonlySet<string> = new Set(written.flat().map(({ record }) => record))

/** Recorded series by what they hold, of each file those of most labels left out first: `rate x`, `increase x 10m`, `max_over_time x`. */
const known: ReadonlyMap<string, readonly Omit<Recorded, 'overTime'>[]> = byWhatTheyHold()

function byWhatTheyHold(): ReadonlyMap<string, readonly Omit<Recorded, 'overTime'>[]> {
  const found = written.flatMap((ofFile) =>
    ofFile
      .flatMap(({ record, expr }) => {
        const [, operator, labels, operation, metric, window] = oneFunction.exec(expr) ?? []
        if (operation === undefined) return []
        const aggregation = operator === undefined ? undefined : { operator, labels: labels!.split(', ') }
        return [{ key: keyOf(operation, metric!, window!), one: { name: record, aggregation } }]
      })
      .toSorted((a, b) => leftOut(b.one) - leftOut(a.one)),
  )
  const byKey = Map.groupBy(found, ({ key }) => key)
  return new Map([...byKey].map(([key, group]) => [key, group.map(({ one }) => one)]))
}

function leftOut({ aggregation }: Omit<Recorded, 'overTime'>): number {
  return aggregation?.labels.length ?? 0
}

function keyOf(operation: string, metric: string, window: string): string {
  return operation === 'increase' ? `${operation} ${metric} ${window}` : `${operation} ${metric}`
}

/** Whether rules record a series of this name. */
export function isRecorded(name: string): boolean {
  return names.has(name)
}

/** What is recorded of a rate or an increase, the fewest series first; rates over any window are recorded over five minutes. */
export function recordedRates(operation: string, metric: string, window: string): readonly Recorded[] {
  const found = known.get(keyOf(operation, metric, window)) ?? []
  // The most that there was within ten minutes is what an increase is shown for.
  return found.map((one) => ({ ...one, overTime: operation === 'rate' ? 'avg_over_time' : 'max_over_time' }))
}

/** What is recorded of values as they were measured, the fewest series first. */
export function recordedValues(metric: string): readonly Recorded[] {
  for (const overTime of ['avg_over_time', 'max_over_time', 'min_over_time']) {
    const found = known.get(keyOf(overTime, metric, ''))
    if (found !== undefined) return found.map((one) => ({ ...one, overTime }))
  }
  return []
}
