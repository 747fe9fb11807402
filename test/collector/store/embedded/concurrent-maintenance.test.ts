import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { EmbeddedStore } from '../../../../collector/store/embedded/embedded-store.ts'
import {
  appendSamples,
  createManualClock,
  createTemporaryDirectory,
  everything,
  hour,
  metric,
  minute,
  openTestStore,
  windowStart,
} from './test-store.ts'

const seriesCount = 3
const retentionMs = 60 * hour

type Step =
  | { readonly kind: 'append'; readonly samples: readonly (readonly [number, number, number])[] }
  | { readonly kind: 'pass'; readonly hours: number }
  | { readonly kind: 'maintain' }
  | { readonly kind: 'read'; readonly backMs: number; readonly lengthMs: number }

const sample = fc.tuple(
  fc.nat(seriesCount - 1),
  // Back from now, so that there are late ones for windows that were sealed, merged, or are about to be.
  fc.oneof(fc.nat(120), fc.nat(3000)).map((i) => i * minute),
  fc.nat(5),
)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      samples: fc.array(sample, { minLength: 1, maxLength: 60 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), hours: fc.integer({ min: 1, max: 15 }) }),
  },
  { weight: 4, arbitrary: fc.constant({ kind: 'maintain' as const }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      backMs: fc.nat(retentionMs),
      lengthMs: fc.oneof(fc.nat(2 * hour), fc.nat(retentionMs)),
    }),
  },
)

async function read(store: EmbeddedStore, fromMs: number, toMs: number): Promise<[number, number][][]> {
  const answer: [number, number][][] = Array.from({ length: seriesCount }, () => [])
  for (const { labels, timestamps, values } of await store.select(everything, fromMs, toMs)) {
    answer[Number(labels[3])] = Array.from(timestamps, (at, i) => [at, values[i]!])
  }
  return answer
}

it('a query gets what was acknowledged before it, while windows are sealed, merged and removed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      await using directory = await createTemporaryDirectory()
      const clock = createManualClock(windowStart)
      const model = Array.from({ length: seriesCount }, () => new Map<number, number>())
      const maintaining: Promise<void>[] = []
      await using store = await openTestStore(directory.path, clock, { retentionMs, pageCacheBytes: 4096 })
      const check = async (fromMs: number, toMs: number): Promise<void> => {
        // Older ones may be there or not.
        const from = Math.max(fromMs, clock.nowMs - retentionMs)
        const expected = model.map((samples) =>
          [...samples].filter(([at]) => at >= from && at <= toMs).sort(([a], [b]) => a - b),
        )
        expect(await read(store, from, toMs)).toEqual(expected)
      }
      for (const next of steps) {
        if (next.kind === 'pass') clock.nowMs += next.hours * hour
        else if (next.kind === 'maintain') maintaining.push(store.maintain())
        else if (next.kind === 'read') {
          const from = clock.nowMs - next.backMs
          await Promise.all([check(from, from + next.lengthMs), check(from, from), check(0, clock.nowMs)])
        } else {
          await appendSamples(
            store,
            next.samples.map(([i, back, value]) => [
              metric('m', { s: String(i) }),
              clock.nowMs - back,
              value,
            ]),
          )
          for (const [i, back, value] of next.samples) model[i]!.set(clock.nowMs - back, value)
        }
      }
      await Promise.all(maintaining)
      await check(0, clock.nowMs)
      expect(store.stats().corruptions).toBe(0)
    }),
    { numRuns: 25 },
  )
}, 60_000)
