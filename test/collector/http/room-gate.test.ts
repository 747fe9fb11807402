import { expect, test } from 'vitest'
import { createRoomGate } from '../../../collector/http/room-gate.ts'
import { tooManyWrites } from '../../../collector/http/whole-body.ts'
import { createManualClock, settled } from '../../manual-clock.ts'

const never = new AbortController().signal

function gateOf(maxBytes: number, maxWaiting = 10) {
  const clock = createManualClock()
  const gate = createRoomGate({
    clock,
    room: maxBytes,
    maxWaiting,
    maxWaitMs: 1000,
    full: () => tooManyWrites(maxBytes),
  })
  /** A write that lasts until it is ended. */
  const write = (bytes: number, gone: AbortSignal = never) => {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    let started = false
    const ended = gate.run(
      bytes,
      () => gone,
      () => {
        started = true
        return promise
      },
    )
    // Each test looks at the outcome itself, some only after a while.
    ended.catch(() => undefined)
    return { ended, end: () => resolve(undefined), isStarted: () => started }
  }
  return { clock, gate, write }
}

test('writes run at once while there is room for their bodies', () => {
  const { gate, write } = gateOf(100)
  const writes = [write(60), write(40)]
  expect(writes.map(({ isStarted }) => isStarted())).toEqual([true, true])
  expect([gate.taken, gate.waiting]).toEqual([100, 0])
})

test('a write without room waits until enough of the others have ended', async () => {
  const { gate, write } = gateOf(100)
  const [first, second, third] = [write(60), write(40), write(80)]
  first.end()
  await first.ended
  expect([third.isStarted(), gate.taken, gate.waiting]).toEqual([false, 40, 1])
  second.end()
  await settled()
  expect([third.isStarted(), gate.taken, gate.waiting]).toEqual([true, 80, 0])
})

test('a small write does not overtake a large one that waits', () => {
  const { write } = gateOf(100)
  write(60)
  write(80)
  expect(write(10).isStarted()).toBe(false)
})

test('a body larger than the limit gets in when it is alone', () => {
  expect(gateOf(100).write(200).isStarted()).toBe(true)
})

test('a write that has waited too long is told to come again, and the next one gets its place', async () => {
  const { clock, gate, write } = gateOf(100)
  write(60)
  const large = write(80)
  await clock.advance(900)
  const small = write(10)
  await clock.advance(100)
  await expect(large.ended).rejects.toMatchObject({ code: 'BUSY', status: 503, retry: true })
  expect([small.isStarted(), gate.taken, gate.waiting]).toEqual([true, 70, 0])
})

test('a write is refused at once when too many wait already', async () => {
  const { write } = gateOf(100, 1)
  write(100)
  write(1)
  await expect(write(1).ended).rejects.toMatchObject({ code: 'BUSY' })
})

test('a write whose sender goes away gives up its place', async () => {
  const { gate, write } = gateOf(100)
  write(100)
  const stop = new AbortController()
  const waiting = write(1, stop.signal)
  stop.abort(new Error('gone'))
  await expect(waiting.ended).rejects.toThrow('gone')
  expect([gate.taken, gate.waiting]).toEqual([100, 0])
})

test('a write that fails frees its room', async () => {
  const { gate } = gateOf(100)
  const failed = gate.run(
    100,
    () => never,
    () => Promise.reject(new Error('broken')),
  )
  await expect(failed).rejects.toThrow('broken')
  expect(gate.taken).toBe(0)
})
