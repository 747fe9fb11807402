import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openChangeJournal } from '../../../../agent/tuning/change/change-journal.ts'
import { silentLog } from '../../../../common/log.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'
import { madeUpChange } from './made-up-change.ts'

const open = (directory: string) => openChangeJournal(directory, silentLog)

test('what was put is there for the next one that opens it, in order and per server', async () => {
  using directory = createOwnDirectory({ prefix: 'pgherd-journal-' })
  const journal = await open(directory.path)
  await journal.put(madeUpChange({ state: 'applying', finishedMs: null }))
  await journal.put(madeUpChange({ id: 'two' }))
  await journal.put(madeUpChange({ id: 'far', server: 'pg/else where-2' }))
  await journal.put(madeUpChange({ state: 'watching', finishedMs: null }))
  const next = await open(directory.path)
  expect(next.of('pg-test-1').map(({ id, state }) => [id, state])).toEqual([
    ['one', 'watching'],
    ['two', 'kept'],
  ])
  expect(next.of('pg/else where-2')).toHaveLength(1)
  expect(next.servers.toSorted()).toEqual(['pg-test-1', 'pg/else where-2'])
  expect(readdirSync(directory.path)).toHaveLength(2)
})

test('the last 50 that are over are kept, and all that go on', async () => {
  using directory = createOwnDirectory({ prefix: 'pgherd-journal-' })
  const journal = await open(directory.path)
  await journal.put(madeUpChange({ id: 'waits', state: 'waits-for-restart', finishedMs: null }))
  for (let n = 1; n <= 60; n++) await journal.put(madeUpChange({ id: `change-${n}` }))
  const ids = (await open(directory.path)).of('pg-test-1').map(({ id }) => id)
  expect(ids).toHaveLength(51)
  expect([ids[0], ids[1], ids.at(-1)]).toEqual(['waits', 'change-11', 'change-60'])
})

test('what was measured is dropped with the decision', async () => {
  using directory = createOwnDirectory({ prefix: 'pgherd-journal-' })
  const journal = await open(directory.path)
  const baseline = {
    ...{ seconds: 20, looks: 2, counters: {}, gauges: {}, statements: { '5:1': [7, 9] as [number, number] } },
    worstLatencyMs: null,
  }
  await journal.put(madeUpChange({ state: 'watching', baseline }))
  expect((await open(directory.path)).of('pg-test-1')[0]?.baseline).toEqual(baseline)
  await journal.put(madeUpChange({ state: 'kept', baseline }))
  expect(readFileSync(join(directory.path, 'pg-test-1.json'), 'utf8')).not.toContain('5:1')
})

test('what is held is not written until the next one is', async () => {
  using directory = createOwnDirectory({ prefix: 'pgherd-journal-' })
  const journal = await open(directory.path)
  await journal.put(madeUpChange({ message: 'first' }))
  journal.hold(madeUpChange({ message: 'second' }))
  expect(journal.of('pg-test-1')[0]?.message).toBe('second')
  expect((await open(directory.path)).of('pg-test-1')[0]?.message).toBe('first')
})
