import { z } from 'zod'
import type { RemoteWriter } from './remote-writer.ts'

const line = z.object({
  metric: z.record(z.string(), z.string()),
  values: z.array(z.number()),
  timestamps: z.array(z.number()),
})

export interface Comparison {
  readonly acknowledged: number
  readonly lost: number
  readonly changed: number
  /** That nobody sent, or twice the same. */
  readonly foreign: number
}

/** What the store has of the writers' samples, compared with what it has acknowledged. */
export async function compareWithStore(url: string, writers: readonly RemoteWriter[]): Promise<Comparison> {
  const answer = await fetch(
    `${url}/api/v1/export?${new URLSearchParams({ 'match[]': 'drill_value' }).toString()}`,
  )
  const found = new Map<string, Map<number, number>>()
  let foreign = 0
  for (const text of (await answer.text()).trimEnd().split('\n')) {
    const { metric, values, timestamps } = line.parse(JSON.parse(text))
    const key = `${metric['sender']} ${metric['series']}`
    const samples = found.get(key) ?? new Map<number, number>()
    found.set(key, samples)
    for (const [i, at] of timestamps.entries()) {
      if (samples.has(at)) foreign++
      samples.set(at, values[i]!)
    }
  }
  const result = { acknowledged: 0, lost: 0, changed: 0, foreign }
  for (const { series, acknowledged, timeOf, valueOf } of writers) {
    for (const [index, labels] of series.entries()) {
      const samples = found.get(`${labels[3]} ${labels[5]}`) ?? new Map<number, number>()
      for (const batch of acknowledged) {
        const value = samples.get(timeOf(batch))
        result.acknowledged++
        if (value === undefined) result.lost++
        else if (value !== valueOf(batch, index)) result.changed++
        samples.delete(timeOf(batch))
      }
      // The batch that was on its way when the writer was stopped.
      const next = acknowledged.length
      if (samples.get(timeOf(next)) === valueOf(next, index)) samples.delete(timeOf(next))
      result.foreign += samples.size
    }
  }
  return result
}
