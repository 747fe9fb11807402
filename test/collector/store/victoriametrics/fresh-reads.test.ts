import { expect, test } from 'vitest'
import { createFreshReads } from '../../../../collector/store/victoriametrics/fresh-reads.ts'
import { labelSet } from '../../../../common/series/label-set.ts'
import { createManualClock } from '../../../manual-clock.ts'

/** A buffer whose contents are sent when the test says so, and an engine that counts flushes. */
function start(options: { flush?: number | undefined } = {}) {
  const clock = createManualClock()
  const engine = { flushes: 0, sentMark: -Infinity, sentMs: -Infinity }
  const until = async (isDone: () => boolean, maxMs: number) => {
    const end = clock.monotonic() + maxMs
    while (!isDone() && clock.monotonic() < end) await clock.sleep(10)
    return isDone()
  }
  const reads = createFreshReads({
    buffer: {
      sent: (mark, maxMs) => until(() => engine.sentMark >= mark, maxMs),
      drained: (maxMs) => until(() => engine.sentMark >= 1, maxMs),
      lastSentMs: () => engine.sentMs,
    },
    select: {
      send: () => {
        engine.flushes++
        return Promise.resolve({ status: options.flush ?? 200, headers: {}, body: new Uint8Array() })
      },
    },
    flushPath: options.flush === undefined ? undefined : '/internal/force_flush',
    clock,
  })
  const send = (mark: number) => {
    engine.sentMark = mark
    engine.sentMs = clock.monotonic()
  }
  /** Whether a query may go ahead by now. */
  const startQuery = (text: string) => {
    const state = { isDone: false }
    void reads.before(text, new AbortController().signal).then(() => (state.isDone = true))
    return state
  }
  return { clock, engine, reads, send, startQuery }
}

const recorded = [labelSet({ __name__: 'job:rate', ins: 'a' })]

test('a query about other series does not wait', async () => {
  const { clock, reads, startQuery } = start({ flush: 200 })
  reads.wrote(recorded, 1)
  const query = startQuery('sum(up)')
  await clock.advance(0)
  expect(query.isDone).toBe(true)
})

test.each(['sum(job:rate)', '{__name__=~"job:.*"}'])(
  'a query about what was just written waits until it was sent and flushed: %s',
  async (text) => {
    const { clock, reads, send, engine, startQuery } = start({ flush: 200 })
    reads.wrote(recorded, 1)
    const query = startQuery(text)
    await clock.advance(100)
    expect(query.isDone).toBe(false)
    send(1)
    await clock.advance(20)
    expect(query.isDone).toBe(true)
    expect(engine.flushes).toBe(1)
  },
)

test('where there is no flush, or none for us, it waits as long as the engine needs', async () => {
  for (const flush of [undefined, 404]) {
    const { clock, reads, send, startQuery } = start({ flush })
    reads.wrote(recorded, 1)
    send(1)
    const query = startQuery('job:rate')
    await clock.advance(1_900)
    expect(query.isDone).toBe(false)
    await clock.advance(200)
    expect(query.isDone).toBe(true)
  }
})

test('what was written a while ago is there without waiting', async () => {
  const { clock, reads, send, engine, startQuery } = start({ flush: 200 })
  reads.wrote(recorded, 1)
  send(1)
  await clock.advance(5_000)
  const query = startQuery('job:rate')
  await clock.advance(0)
  expect(query.isDone).toBe(true)
  expect(engine.flushes).toBe(0)
})

test('an engine that takes nothing holds a query up for a few seconds only', async () => {
  const { clock, reads, startQuery } = start({ flush: 200 })
  reads.wrote(recorded, 1)
  const query = startQuery('job:rate')
  await clock.advance(5_100)
  expect(query.isDone).toBe(true)
})
