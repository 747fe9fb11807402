import { expect, test } from 'vitest'
import type { Clock } from '../../common/clock.ts'
import { systemClock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import { warmUp } from '../../collector/warm-up.ts'

type Asked = Parameters<typeof warmUp>[0]
type Stats = ReturnType<Asked['storage']['stats']>

const lastMs = 1_720_000_000_000
const never = new AbortController().signal

/** A store of two names, the first of which has too many series, and an API that takes 30 ms of the clock for an answer. */
function collector(stats: Partial<Stats> = {}) {
  let nowMs = 0
  const asked: URL[] = []
  const slept: number[] = []
  const it = { asked, slept, isOpen: false, onAsked: (): Promise<void> => Promise.resolve() }
  const labels: LabelSet = ['__name__', 'up', 'path', 'C:\\"x"']
  const clock: Clock = {
    ...systemClock,
    monotonic: () => nowMs,
    sleep: (ms) => {
      slept.push(ms)
      nowMs += ms
      return Promise.resolve()
    },
  }
  const parts: Asked = {
    storage: {
      stats: () => ({ maxTimeMs: lastMs, headSeries: 10, ...stats }),
      labelValues: () => Promise.resolve(['many', 'up']),
      series: ([matchers]) =>
        matchers?.[0]?.value === 'up'
          ? Promise.resolve([labels])
          : Promise.reject(new PgherdError('QUERY_LIMIT', 'too many')),
    },
    open: () => {
      it.isOpen = true
      return Promise.resolve({
        ask: (path) => {
          asked.push(new URL(path, 'http://collector'))
          nowMs += 30
          return it.onAsked()
        },
        [Symbol.asyncDispose]: () => {
          it.isOpen = false
          return Promise.resolve()
        },
      })
    },
  }
  return Object.assign(it, { parts, clock })
}

const selector = String.raw`{"__name__"="up","path"="C:\\\"x\""}`
const asText = ({ pathname, searchParams }: URL): string => `${pathname} ${searchParams.get('query') ?? ''}`

test('a day of one series is asked for most often, and its newest sample and its rate in between', async () => {
  const it = collector()
  await warmUp(it.parts, it.clock, never).ended
  const texts = it.asked.map(asText)
  expect(texts.slice(0, 5)).toEqual([
    `/api/v1/query_range ${selector}`,
    `/api/v1/query_range ${selector}`,
    `/api/v1/query_range ${selector}`,
    `/api/v1/query ${selector}`,
    `/api/v1/query_range sum(rate(${selector}[5m]))`,
  ])
  expect(texts.slice(-5)).toEqual(texts.slice(0, 5))
  expect(texts).toHaveLength(600)
  const { start, end, step } = Object.fromEntries(it.asked[0]!.searchParams)
  expect({ start, end, step }).toEqual({ start: '1719913600', end: '1720000000', step: '60' })
  expect(it.isOpen).toBe(false)
})

test('clients may come after a fifth of a second, and from then on it pauses as long as an answer took', async () => {
  const it = collector()
  const { begun, ended } = warmUp(it.parts, it.clock, never)
  let askedBefore = 0
  void begun.then(() => (askedBefore = it.asked.length))
  await ended
  // Seven answers of 30 ms.
  expect(askedBefore).toBe(7)
  expect(it.slept).toEqual(Array.from({ length: 600 - 6 }, () => 30))
})

test.each([
  ['an empty store, and one behind another engine,', { maxTimeMs: undefined }],
  ['a store in which finding a series is expensive', { headSeries: 100_001 }],
])('%s is not asked', async (_what, stats) => {
  const it = collector(stats)
  const { begun, ended } = warmUp(it.parts, it.clock, never)
  await begun
  await ended
  expect(it.asked).toEqual([])
})

test('it ends when the collector is told to stop', async () => {
  const it = collector()
  const stop = new AbortController()
  it.onAsked = () => {
    if (it.asked.length === 20) stop.abort()
    return Promise.resolve()
  }
  await warmUp(it.parts, it.clock, stop.signal).ended
  expect(it.asked).toHaveLength(20)
  expect(it.isOpen).toBe(false)
})

test('clients need not wait for it when it fails', async () => {
  const it = collector()
  it.onAsked = () => Promise.reject(new PgherdError('UNREACHABLE', 'no loopback'))
  const { begun, ended } = warmUp(it.parts, it.clock, never)
  await expect(ended).rejects.toThrow('no loopback')
  await begun
  expect(it.isOpen).toBe(false)
})
