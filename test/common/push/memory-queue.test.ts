import { expect, test } from 'vitest'
import { withMemory } from '../../../common/push/memory-queue.ts'
import { record, drain, openTestSpool, temporaryDirectory } from '../spool/harness.ts'

const startMs = Date.now()
const limits = { records: 10, bytes: 1 << 20 }

async function open(maxBytes = 1000) {
  const spool = await openTestSpool(await temporaryDirectory())
  const queue = withMemory(spool.reader('main'), maxBytes)
  const takeTexts = async (records = limits.records) =>
    (await queue.take({ ...limits, records })).map(({ payload }) => Buffer.from(payload).toString())
  const drainTexts = async () => {
    const texts: string[] = []
    for (;;) {
      const taken = await queue.take(limits)
      if (taken.length === 0) return texts
      texts.push(...taken.map(({ payload }) => Buffer.from(payload).toString()))
      await queue.acknowledge(taken)
    }
  }
  return { spool, queue, takeTexts, drainTexts, [Symbol.asyncDispose]: () => spool[Symbol.asyncDispose]() }
}

test('bodies from the disk and from memory come in the order of their times, each once', async () => {
  await using given = await open()
  await given.spool.append(record('a', startMs + 1))
  given.queue.offer(record('b', startMs + 2))
  given.queue.offer(record('c', startMs + 3))
  await given.spool.append(record('d', startMs + 4))
  given.queue.offer(record('e', startMs + 5))
  expect(given.queue.backlog()).toMatchObject({ records: 5, oldestMs: startMs + 1 })
  expect(await given.drainTexts()).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(given.queue.backlog()).toMatchObject({ records: 0, bytes: 0, oldestMs: undefined })
})

test('a body in memory stays the next one until it is acknowledged', async () => {
  await using given = await open()
  given.queue.offer(record('a', startMs + 1))
  expect(await given.takeTexts()).toEqual(['a'])
  given.queue.offer(record('b', startMs + 2))
  expect(await given.takeTexts(1)).toEqual(['a'])
  const taken = await given.queue.take(limits)
  given.queue.offer(record('c', startMs + 3))
  await given.queue.acknowledge(taken)
  expect(await given.takeTexts()).toEqual(['c'])
})

test('the memory is bounded, the oldest go, and their late acknowledgement takes nothing else along', async () => {
  await using given = await open(250)
  given.queue.offer(record('a'.repeat(100), startMs + 1))
  const taken = await given.queue.take(limits)
  for (const text of ['b', 'c', 'd']) given.queue.offer(record(text.repeat(100), startMs + 2))
  await given.queue.acknowledge(taken)
  expect((await given.drainTexts()).map((text) => text[0])).toEqual(['c', 'd'])
  given.queue.offer(record('e'.repeat(1000), startMs + 3))
  expect(await given.takeTexts()).toEqual(['e'.repeat(1000)])
})

test('who waits is woken by either, and released by its signal', async () => {
  await using given = await open()
  const end = new AbortController()
  const first = given.queue.wait(end.signal)
  given.queue.offer(record('a', startMs + 1))
  await first
  await given.drainTexts()
  const second = given.queue.wait(end.signal)
  await given.spool.append(record('b', startMs + 2))
  await second
  expect(await drain(given.spool.reader('main'))).toEqual(['b'])
  const third = given.queue.wait(end.signal)
  end.abort()
  await third
})
