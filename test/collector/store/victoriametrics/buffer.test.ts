import { expect, onTestFinished, test } from 'vitest'
import { openBuffer } from '../../../../collector/store/victoriametrics/buffer.ts'
import type { SampleBufferOptions } from '../../../../collector/store/victoriametrics/buffer.ts'
import { createBackoff } from '../../../../common/backoff.ts'
import { systemClock } from '../../../../common/clock.ts'
import type { Clock } from '../../../../common/clock.ts'
import { PgherdError } from '../../../../common/errors.ts'
import { silentLog } from '../../../../common/log.ts'
import { labelSet } from '../../../../common/series/label-set.ts'
import { createRemoteWriteEncoder } from '../../../../common/wire/remote-write-encode.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import { samplesOf } from './decode-body.ts'

const encoder = createRemoteWriteEncoder()
const bodyOf = (timestampMs: number) =>
  encoder.encode({ timestampMs, series: [labelSet({ __name__: 'm' })], values: Float64Array.of(0) })
    .bodies[0]!.body

/** An engine that keeps what it takes in memory only. */
function createEngine() {
  const engine = { times: [] as number[], isUp: true, start: 1 }
  const send: SampleBufferOptions['send'] = ({ body }) => {
    if (!engine.isUp) return Promise.reject(new PgherdError('UNREACHABLE', 'away'))
    for (const sample of samplesOf(body as Uint8Array)) engine.times.push(Number(sample.split(' ')[1]))
    return Promise.resolve({ status: 204, headers: {}, body: new Uint8Array() })
  }
  return Object.assign(engine, {
    send,
    startOf: () =>
      engine.isUp ? Promise.resolve(engine.start) : Promise.reject(new PgherdError('UNREACHABLE', 'away')),
  })
}

function directory() {
  const own = createOwnDirectory({ prefix: 'pgherd-buffer-' })
  onTestFinished(() => own[Symbol.dispose]())
  return own.path
}

const open = (engine: ReturnType<typeof createEngine>, options: Partial<SampleBufferOptions> = {}) =>
  openBuffer({
    directory: directory(),
    maxBytes: 64 << 20,
    send: engine.send,
    path: '/api/v1/write',
    startOf: engine.startOf,
    clock: systemClock,
    log: silentLog,
    backoff: createBackoff({ firstMs: 5, maxMs: 20 }),
    ...options,
  })

test('what is appended is sent in order, and whoever waits for it knows when', async () => {
  const engine = createEngine()
  await using buffer = await open(engine)
  const mark = await buffer.append([1, 2, 3].map(bodyOf))
  expect(await buffer.sent(mark, 5_000)).toBe(true)
  expect(await buffer.drained(5_000)).toBe(true)
  expect(engine.times).toEqual([1, 2, 3])
})

test('while the engine is away it is kept, and nobody waits for it for ever', async () => {
  const engine = createEngine()
  engine.isUp = false
  await using buffer = await open(engine)
  const mark = await buffer.append([bodyOf(1)])
  expect(await buffer.sent(mark, 30)).toBe(false)
  expect(await buffer.drained(30)).toBe(false)
  expect(buffer.behindMs()).toBeGreaterThan(0)
  engine.isUp = true
  expect(await buffer.sent(mark, 5_000)).toBe(true)
  expect(engine.times).toEqual([1])
})

test('what waits is no younger for a clock that was set back', async () => {
  const engine = createEngine()
  engine.isUp = false
  let setBackMs = 0
  let laterMs = 0
  const clock: Clock = {
    now: () => systemClock.now() + laterMs - setBackMs,
    monotonic: () => systemClock.monotonic() + laterMs,
    sleep: (ms, signal) => systemClock.sleep(ms, signal),
  }
  await using buffer = await open(engine, { clock })
  await buffer.append([bodyOf(1)])
  laterMs = 40_000
  setBackMs = 3_600_000
  expect(buffer.behindMs()).toBeGreaterThanOrEqual(40_000)
  engine.isUp = true
  expect(await buffer.drained(5_000)).toBe(true)
  expect(buffer.behindMs()).toBe(0)
})

test('queries are behind until what was sent after an outage can be found', async () => {
  const engine = createEngine()
  engine.isUp = false
  let laterMs = 0
  const clock: Clock = {
    now: () => systemClock.now() + laterMs,
    monotonic: () => systemClock.monotonic() + laterMs,
    sleep: (ms, signal) => systemClock.sleep(ms, signal),
  }
  await using buffer = await open(engine, { clock, hiddenMs: 60_000 })
  await buffer.append([bodyOf(1)])
  laterMs = 600_000
  engine.isUp = true
  expect(await buffer.drained(5_000)).toBe(true)
  expect(buffer.behindMs()).toBeGreaterThanOrEqual(600_000)
  laterMs += 61_000
  expect(buffer.behindMs()).toBe(0)
})

test.each([
  ['that could not be reached meanwhile', true],
  ['whose process is another one', false],
])('an engine %s is sent again what it may have had in memory only', async (_, isNoticed) => {
  const engine = createEngine()
  await using buffer = await open(engine, { confirmMs: 60 })
  const restart = () => {
    engine.start++
    engine.times = []
  }
  // Its first process has been seen.
  for (let time = 1; time <= 3; time++) {
    await buffer.sent(await buffer.append([bodyOf(time)]), 5_000)
    await systemClock.sleep(25)
  }
  if (isNoticed) {
    engine.isUp = false
    await buffer.append([bodyOf(4)])
    await waitFor('the failure', () => buffer.stats().push.retries > 0)
  } else await buffer.sent(await buffer.append([bodyOf(4)]), 5_000)
  restart()
  engine.isUp = true
  await waitFor('what was lost', () => engine.times.includes(4))
  expect(buffer.stats().rewinds).toBeGreaterThan(0)
})

test('an engine that stays away is sent again what it had in memory when it died, however long that is ago', async () => {
  const engine = createEngine()
  let looks = 0
  await using buffer = await open(engine, {
    confirmMs: 60,
    async send(request) {
      const answer = await engine.send(request)
      // It dies with the first that it has taken.
      engine.isUp = looks > 0
      return answer
    },
    startOf() {
      looks++
      return engine.startOf()
    },
  })
  await buffer.append([bodyOf(1)])
  await waitFor('more looks at it than fit the time for which bodies are kept', () => looks > 6)
  engine.isUp = true
  engine.start++
  engine.times = []
  await waitFor('what was lost', () => engine.times.includes(1))
})

test('what it has had for a while is not sent again', async () => {
  const engine = createEngine()
  const home = directory()
  {
    await using buffer = await open(engine, { directory: home, confirmMs: 30 })
    await buffer.sent(await buffer.append([bodyOf(1)]), 5_000)
    await waitFor('it is let go', () => {
      const { readers } = buffer.stats().spool
      return Object.values(readers).every(({ records }) => records === 0)
    })
  }
  await using again = await open(engine, { directory: home })
  await again.sent(await again.append([bodyOf(2)]), 5_000)
  expect(engine.times).toEqual([1, 2])
})

test('a full buffer refuses, and drops nothing', async () => {
  const engine = createEngine()
  engine.isUp = false
  await using buffer = await open(engine, { maxBytes: 1_000 })
  let kept = 0
  const fill = async () => {
    for (;;) {
      await buffer.append([bodyOf(kept + 1)])
      kept++
    }
  }
  await expect(fill()).rejects.toMatchObject({ code: 'DISK_FULL', status: 503 })
  engine.isUp = true
  expect(await buffer.drained(5_000)).toBe(true)
  expect(engine.times).toEqual(Array.from({ length: kept }, (_, i) => i + 1))
})
