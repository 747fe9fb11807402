import { expect, test } from 'vitest'
import { createQueryGate } from '../../../collector/http/query-gate.ts'
import { createManualClock, settled } from '../../manual-clock.ts'

const never = new AbortController().signal

function gateOf(maxRunning: number, maxWaiting = 10) {
  const clock = createManualClock()
  return { clock, gate: createQueryGate({ clock, maxRunning, maxWaiting, maxWaitMs: 1000 }) }
}

test('a query over the limit waits and runs when another one ends', async () => {
  const { gate } = gateOf(1)
  const first = Promise.withResolvers<string>()
  const running = gate.run(never, () => first.promise)
  const second = gate.run(never, () => Promise.resolve('second'))
  await settled()
  expect([gate.running, gate.waiting]).toEqual([1, 1])
  first.resolve('first')
  expect(await Promise.all([running, second])).toEqual(['first', 'second'])
  expect([gate.running, gate.waiting]).toEqual([0, 0])
})

test('a query that has waited too long is turned away', async () => {
  const { clock, gate } = gateOf(1)
  const first = Promise.withResolvers<undefined>()
  const running = gate.run(never, () => first.promise)
  const refused = expect(gate.run(never, () => Promise.resolve())).rejects.toMatchObject({
    code: 'OVERLOADED',
  })
  await clock.advance(1000)
  await refused
  first.resolve(undefined)
  await running
  expect(gate.running).toBe(0)
})

test('a query is turned away at once when too many wait already', async () => {
  const { gate } = gateOf(1, 0)
  const first = Promise.withResolvers<undefined>()
  const running = gate.run(never, () => first.promise)
  await expect(gate.run(never, () => Promise.resolve())).rejects.toMatchObject({ code: 'OVERLOADED' })
  first.resolve(undefined)
  await running
})

test('a query that is cancelled while it waits gives up its place', async () => {
  const { gate } = gateOf(1)
  const first = Promise.withResolvers<undefined>()
  const running = gate.run(never, () => first.promise)
  const stop = new AbortController()
  const cancelled = gate.run(stop.signal, () => Promise.resolve())
  stop.abort(new Error('gone'))
  await expect(cancelled).rejects.toThrow('gone')
  expect(gate.waiting).toBe(0)
  first.resolve(undefined)
  await running
})

test('a query that fails frees its place', async () => {
  const { gate } = gateOf(1)
  await expect(gate.run(never, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(await gate.run(never, () => Promise.resolve('next'))).toBe('next')
})
