import { expect, test } from 'vitest'
import type { Clock } from '../../common/clock.ts'
import { systemClock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import { warmUp } from '../../collector/warm-up.ts'

type Asked = Parameters<typeof warmUp<string>>[0]
type Stats = ReturnType<Asked['storage']['stats']>

const lastMs = 1_720_000_000_000

/** A store of two names, the first of which has too many series. Every query takes 30 ms of the clock. */
function backend(
  stats: Partial<Stats> = {},
): Asked & { readonly clock: Clock; readonly asked: unknown[][]; readonly encoded: string[] } {
  let nowMs = 0
  const asked: unknown[][] = []
  const encoded: string[] = []
  const labels: LabelSet = ['__name__', 'up', 'path', 'C:\\"x"']
  return {
    clock: { ...systemClock, monotonic: () => nowMs },
    asked,
    encoded,
    encode: (answer) => {
      encoded.push(answer)
      return [answer]
    },
    storage: {
      stats: () => ({ maxTimeMs: lastMs, headSeries: 10, ...stats }),
      labelValues: () => Promise.resolve(['many', 'up']),
      series: ([matchers]) =>
        matchers?.[0]?.value === 'up'
          ? Promise.resolve([labels])
          : Promise.reject(new PgherdError('QUERY_LIMIT', 'too many')),
    },
    query: {
      range: (...question) => {
        asked.push(question.slice(0, 4))
        nowMs += 30
        return Promise.resolve(`answer ${asked.length}`)
      },
    },
  }
}

test('a day of one series that ends with the newest sample is asked for until a fifth of a second is over', async () => {
  const it = backend()
  await warmUp(it, it.clock, AbortSignal.timeout(10_000))
  const question = [String.raw`{"__name__"="up","path"="C:\\\"x\""}`, lastMs - 86_400_000, lastMs, 60_000]
  expect(it.asked).toEqual(Array.from({ length: 7 }, () => question))
  expect(it.encoded).toEqual(Array.from({ length: 7 }, (_, i) => `answer ${i + 1}`))
})

test('an empty store, and one behind another engine, is not asked', async () => {
  const it = backend({ maxTimeMs: undefined })
  await warmUp(it, it.clock, AbortSignal.timeout(10_000))
  expect(it.asked).toEqual([])
})

test('a store in which finding a series is expensive is not asked', async () => {
  const it = backend({ headSeries: 100_001 })
  await warmUp(it, it.clock, AbortSignal.timeout(10_000))
  expect(it.asked).toEqual([])
})

test('it ends when the collector is told to stop', async () => {
  const it = backend()
  await warmUp(it, it.clock, AbortSignal.abort())
  expect(it.asked).toEqual([])
})
