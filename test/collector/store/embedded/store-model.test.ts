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
import type { Sample } from './test-store.ts'

const seriesCount = 4
const span = 7 * hour

type Step =
  | { readonly kind: 'append'; readonly samples: readonly (readonly [number, number, number])[] }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'maintain' }
  | { readonly kind: 'reopen' }
  | { readonly kind: 'read'; readonly fromMs: number; readonly toMs: number }

// Few distinct times and values, so that duplicates, replacements and disorder are frequent.
const time = fc.oneof(
  fc.nat(60).map((i) => i * 7 * minute),
  fc.nat(300).map((i) => i * 15_000),
)
const sample = fc.tuple(fc.nat(seriesCount - 1), time, fc.constantFrom(0, -0, 1, 2.5, NaN, Infinity))
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      samples: fc.array(sample, { maxLength: 80 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(90).map((i) => i * minute) }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'maintain' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('read' as const), fromMs: fc.nat(span), toMs: fc.nat(span) }),
  },
)

type Model = Map<number, number>[]

async function readAll(
  store: EmbeddedStore,
  fromMs: number,
  toMs: number,
  newestOnly = false,
): Promise<[number, number][][]> {
  const answer: [number, number][][] = Array.from({ length: seriesCount }, () => [])
  for (const { labels, timestamps, values } of await store.select(everything, fromMs, toMs, { newestOnly })) {
    expect(timestamps.length).toBeGreaterThan(0)
    answer[Number(labels[3])] = Array.from(timestamps, (at, i) => [at, values[i]!])
  }
  return answer
}

function expected(model: Model, fromMs: number, toMs: number): [number, number][][] {
  return model.map((samples) =>
    [...samples].filter(([at]) => at >= fromMs && at <= toMs).sort(([left], [right]) => left - right),
  )
}

it('a store behaves like a map from series and time to the last value, whatever happens in between', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 25 }), async (steps) => {
      await using directory = await createTemporaryDirectory()
      const clock = createManualClock(windowStart + span)
      const model: Model = Array.from({ length: seriesCount }, () => new Map<number, number>())
      const check = async (store: EmbeddedStore, fromMs: number, toMs: number): Promise<void> => {
        const all = expected(model, fromMs, toMs)
        expect(await readAll(store, fromMs, toMs)).toEqual(all)
        const newest = (samples: [number, number][]): [number, number][] => samples.slice(-1)
        expect((await readAll(store, fromMs, toMs, true)).map(newest)).toEqual(all.map(newest))
      }
      let store = await openTestStore(directory.path, clock)
      try {
        for (const next of steps) {
          if (next.kind === 'pass') clock.nowMs += next.ms
          else if (next.kind === 'maintain') await store.maintain()
          else if (next.kind === 'read')
            await check(store, windowStart + next.fromMs, windowStart + next.toMs)
          else if (next.kind === 'reopen') {
            await store[Symbol.asyncDispose]()
            store = await openTestStore(directory.path, clock)
          } else {
            const samples = next.samples.map(([i, offset, value]): Sample => [
              metric('m', { s: String(i) }),
              windowStart + offset,
              value,
            ])
            const result = await appendSamples(store, samples)
            expect(result.stored + result.duplicate).toBe(samples.length)
            for (const [i, offset, value] of next.samples) model[i]!.set(windowStart + offset, value)
          }
        }
        await check(store, 0, Number.MAX_SAFE_INTEGER)
        expect(store.stats().corruptions).toBe(0)
      } finally {
        await store[Symbol.asyncDispose]()
      }
    }),
    { numRuns: 60 },
  )
}, 60_000)
