import { expect, test } from 'vitest'
import { labelSet } from '../../common/series/label-set.ts'
import { createRemoteWriteEncoder } from '../../common/wire/remote-write-encode.ts'
import { agentRights } from '../../collector/agent-rights.ts'
import { insertService } from '../../collector/agent-writes.ts'
import type { NewEvent } from '../../common/wire/events.ts'
import { createIngest } from '../../collector/ingest/ingest.ts'
import { handClock } from './fleet/trust-lab.ts'
import { createRecordingStore } from './ingest/recording-store.ts'

const headers = { contentType: 'application/x-protobuf', contentEncoding: 'snappy' }

function start({ isFree = false } = {}) {
  const clock = handClock()
  const store = createRecordingStore()
  const ingest = createIngest(store.options)
  const enrolled = new Set(['pg-main-1', 'pg-main-2'])
  const events: NewEvent[] = []
  const service = insertService(ingest, {
    rights: agentRights({ isEnrolled: (node) => enrolled.has(node) }, isFree),
    clock,
    add: (event) => events.push(event),
  })
  const write = async (node: string | undefined, ...sets: Record<string, string>[]) => {
    const series = sets.map((labels) => labelSet({ __name__: 'up', ...labels }))
    const values = new Float64Array(sets.length)
    const { body } = createRemoteWriteEncoder().encode({ timestampMs: 1, series, values }).bodies[0]!
    const { foreignSeries } = await service.write(body, headers, [], node)
    const stored = store.appends.splice(0).flat()
    return { foreignSeries, stored: stored.map(({ metric }) => metric) }
  }
  return { clock, store, ingest, enrolled, events, write }
}

const own = { cls: 'pg-main', ins: 'pg-main-1' }
const other = { cls: 'pg-main', ins: 'pg-main-2' }

test("an agent's own series are stored, those of another node in the same request are not", async () => {
  const { write, ingest } = start()
  const { foreignSeries, stored } = await write('pg-main-1', own, other, { ...own, job: 'node' })
  expect(foreignSeries).toBe(1)
  expect(stored).toEqual([
    '__name__ up cls pg-main ins pg-main-1',
    '__name__ up cls pg-main ins pg-main-1 job node',
  ])
  expect(ingest.stats().rejectedSeries.foreign_owner).toBe(1)
  expect(ingest.stats().rejectedSamplesBy.foreign_owner).toBe(1)
})

test('what its owner has written before is refused to others all the same, and goes on for the owner', async () => {
  const { write } = start()
  expect((await write('pg-main-2', other)).foreignSeries).toBe(0)
  expect((await write('pg-main-1', other)).stored).toEqual([])
  expect((await write('pg-main-2', other)).stored).toHaveLength(1)
})

test('a refused series is not made in the store', async () => {
  const { write, store } = start()
  await write('pg-main-1', other)
  expect(store.lookups()).toBe(0)
})

test.each([
  ['of its own name in another cluster', { cls: 'pg-other', ins: 'pg-main-1' }],
  ['without the name of a server', { cls: 'pg-main' }],
  ['without a cluster', { ins: 'pg-main-1' }],
  ['without either', {}],
])('a series %s is refused', async (_what, labels) => {
  const { write } = start()
  expect(await write('pg-main-1', labels)).toEqual({ foreignSeries: 1, stored: [] })
})

test('a server without an agent may be measured from afar, until it has one', async () => {
  const { write, enrolled } = start()
  const remote = { cls: 'rds', ins: 'rds-1', job: 'pgsql', team: 'a' }
  expect((await write('pg-main-1', remote)).stored).toHaveLength(1)
  enrolled.add('rds-1')
  expect((await write('pg-main-1', remote)).foreignSeries).toBe(1)
})

test('holders of tokens write whatever they like, and so do agents where that is allowed', async () => {
  expect((await start().write(undefined, other, {})).stored).toHaveLength(2)
  expect((await start({ isFree: true }).write('pg-main-1', other, {})).stored).toHaveLength(2)
})

test('it is an event, one per agent in ten minutes', async () => {
  const { write, clock, events } = start()
  for (let i = 0; i < 5; i++) await write('pg-main-1', other)
  expect(events).toEqual([
    {
      type: 'samples-refused',
      node: 'pg-main-1',
      cluster: 'pg-main',
      text: 'its agent sent 1 series of others, which were refused',
      command: null,
    },
  ])
  clock.advance(600_000)
  await write('pg-main-1', other)
  expect(events).toHaveLength(2)
})
