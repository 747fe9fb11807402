import { expect, test } from 'vitest'
import { alerting, createMemoryStore, createScriptedGroup, recording, sample } from './scripted-group.ts'

test('a recording rule stores its result under its name, and ends what is no longer there', async () => {
  const group = createScriptedGroup([recording({ labels: { team: 'dba', ins: '' } })])
  group.results.set('up', [
    sample({ __name__: 'up', ins: 'a', cls: 'x' }, 1),
    sample({ cls: 'y' }, Number.NaN),
  ])
  await group.at(10)
  expect(group.store.writtenAt(10_000)).toEqual(['pg:up{cls=x,team=dba} 1', 'pg:up{cls=y,team=dba} NaN'])
  group.results.set('up', [sample({ cls: 'y' }, 2)])
  await group.at(20)
  expect(group.store.writtenAt(20_000)).toEqual(['pg:up{cls=x,team=dba} stale', 'pg:up{cls=y,team=dba} 2'])
})

test('a rule sees what the one before it has stored in the same evaluation', async () => {
  const order: string[] = []
  const store = createMemoryStore()
  const group = createScriptedGroup([recording(), alerting()], {
    query: (expression) => {
      order.push(`query ${expression}`)
      return Promise.resolve([sample({ ins: 'a' }, 1)])
    },
    append: async (...samples) => {
      await new Promise((resolve) => setImmediate(resolve))
      await store.append(...samples)
      order.push('stored')
    },
  })
  await group.at(0)
  expect(order).toEqual(['query up', 'stored', 'query down', 'stored'])
})

test('a rule that fails does not keep the next one from running, and is counted', async () => {
  const counted: boolean[] = []
  const group = createScriptedGroup([recording(), recording({ name: 'pg:down', expression: 'down' })], {
    onEvaluated: (_group, failed) => void counted.push(failed),
  })
  group.results.set('up', new Error('too much'))
  group.results.set('down', [sample({}, 1)])
  await group.at(0)
  expect(group.runner.rules.map(({ health }) => health)).toEqual(['err', 'ok'])
  expect(group.store.writtenAt(0)).toEqual(['pg:down{} 1'])
  expect(counted).toEqual([true, false])
})

test('a series whose end could not be stored is ended by the next evaluation', async () => {
  const store = createMemoryStore()
  let full = false
  const group = createScriptedGroup([recording()], {
    store,
    append: (...samples) => (full ? Promise.reject(new Error('disk full')) : store.append(...samples)),
  })
  group.results.set('up', [sample({ ins: 'a' }, 1)])
  await group.at(0)
  group.results.set('up', [])
  full = true
  await group.at(10)
  expect(group.runner.rules[0]?.lastError).toBe('disk full')
  full = false
  await group.at(20)
  expect(store.writtenAt(20_000)).toEqual(['pg:up{ins=a} stale'])
})

test('an alert goes out even when its series cannot be stored', async () => {
  const group = createScriptedGroup([alerting()], { append: () => Promise.reject(new Error('disk full')) })
  group.results.set('down', [sample({ ins: 'a' }, 0)])
  await group.at(0)
  expect(group.told).toHaveLength(1)
})

test('more series than the limit, or twice the same, are an error of the recording rule', async () => {
  const group = createScriptedGroup([recording()], { limit: 1 })
  group.results.set('up', [sample({ ins: 'a' }, 1), sample({ ins: 'b' }, 1)])
  await group.at(0)
  expect(group.runner.rules[0]?.lastError).toBe('exceeded limit of 1 with 2 series')
  const twice = createScriptedGroup([recording({ labels: { ins: 'same' } })])
  twice.results.set('up', [sample({ ins: 'a' }, 1), sample({ ins: 'b' }, 1)])
  await twice.at(0)
  expect(twice.runner.rules[0]?.lastError).toMatch('same labelset after applying rule labels')
})

test('an evaluation that is stopped is no failure', async () => {
  const stop = new AbortController()
  const group = createScriptedGroup([recording(), recording({ name: 'second' })], {
    query: () => {
      stop.abort()
      return Promise.reject(new Error('stopped'))
    },
  })
  await group.runner.evaluate(0, stop.signal)
  expect(group.runner.rules.map(({ health }) => health)).toEqual(['unknown', 'unknown'])
})
