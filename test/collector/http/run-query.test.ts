import { expect, test } from 'vitest'
import { createQueryGate } from '../../../collector/http/query-gate.ts'
import type { QueryOptions } from '../../../collector/http/query-service.ts'
import { runQuery } from '../../../collector/http/run-query.ts'
import { createManualClock } from '../../manual-clock.ts'

function setUp() {
  const clock = createManualClock()
  const gate = createQueryGate({ clock, maxRunning: 1, maxWaiting: 10, maxWaitMs: 60_000 })
  const gone = new AbortController()
  return { clock, gate, gone, parts: { clock, gate, gone: gone.signal, timeoutMs: 5000 } }
}

test('a query that ends in time gives its answer and leaves no timer', async () => {
  const { clock, parts } = setUp()
  expect(await runQuery(parts, () => Promise.resolve('answer'))).toBe('answer')
  expect(clock.sleepers).toBe(0)
})

test('at the deadline the signal aborts and the answer is TIMED_OUT, whatever the engine does', async () => {
  const { clock, gate, parts } = setUp()
  const engine = Promise.withResolvers<string>()
  let options: QueryOptions | undefined
  const answer = expect(
    runQuery(parts, (given) => {
      options = given
      return engine.promise
    }),
  ).rejects.toMatchObject({ code: 'TIMED_OUT', message: 'the query has not ended within 5000 ms' })
  await clock.advance(5000)
  await answer
  expect(options?.signal.aborted).toBe(true)
  expect(gate.running).toBe(1)
  engine.resolve('late')
  await clock.advance(0)
  expect(gate.running).toBe(0)
})

test('a client that goes away cancels its query', async () => {
  const { gone, parts } = setUp()
  const answer = runQuery(
    parts,
    ({ signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped')))),
  )
  gone.abort()
  await expect(answer).rejects.toMatchObject({ code: 'CANCELLED' })
})

test('the time spent waiting for a turn counts', async () => {
  const { clock, gate, parts } = setUp()
  const first = Promise.withResolvers<undefined>()
  const running = gate.run(new AbortController().signal, () => first.promise)
  const left = runQuery(parts, ({ timeoutMs }) => Promise.resolve(timeoutMs))
  await clock.advance(2000)
  first.resolve(undefined)
  await running
  expect(await left).toBe(3000)
})
