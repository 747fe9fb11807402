import { expect, test } from 'vitest'
import { alerting, createMemoryStore, createScriptedGroup, sample } from './scripted-group.ts'

const down = (ins: string) => sample({ __name__: 'up', job: 'pgsql', ins }, 0)

test('an alert has the labels of its sample without the name, those of the rule, and its annotations expanded', async () => {
  const group = createScriptedGroup([
    alerting({
      labels: { severity: 'CRIT', job: 'changed', who: '{{ $labels.ins }}', none: '' },
      annotations: { summary: '{{ $labels.ins }} has {{ $value }}' },
    }),
  ])
  group.results.set('down', [down('a')])
  await group.at(10)
  expect(group.told).toEqual([
    {
      labels: { alertname: 'Down', ins: 'a', job: 'changed', severity: 'CRIT', who: 'a' },
      annotations: { summary: 'a has 0' },
      startsAtMs: 10_000,
      endsAtMs: 250_000,
      generatorUrl: undefined,
    },
  ])
})

test('ALERTS and ALERTS_FOR_STATE follow the state, and end with stale markers', async () => {
  const group = createScriptedGroup([alerting({ forMs: 10_000 })])
  group.results.set('down', [down('a')])
  await group.at(10)
  expect(group.store.writtenAt(10_000)).toEqual([
    'ALERTS_FOR_STATE{alertname=Down,ins=a,job=pgsql} 10',
    'ALERTS{alertname=Down,alertstate=pending,ins=a,job=pgsql} 1',
  ])
  await group.at(20)
  expect(group.store.writtenAt(20_000)).toEqual([
    'ALERTS_FOR_STATE{alertname=Down,ins=a,job=pgsql} 10',
    'ALERTS{alertname=Down,alertstate=firing,ins=a,job=pgsql} 1',
    'ALERTS{alertname=Down,alertstate=pending,ins=a,job=pgsql} stale',
  ])
  group.results.set('down', [])
  await group.at(30)
  expect(group.store.writtenAt(30_000)).toEqual([
    'ALERTS_FOR_STATE{alertname=Down,ins=a,job=pgsql} stale',
    'ALERTS{alertname=Down,alertstate=firing,ins=a,job=pgsql} stale',
  ])
  await group.at(40)
  expect(group.store.writtenAt(40_000)).toEqual([])
})

test('a query that fails leaves the alerts as they are and tells nobody', async () => {
  const group = createScriptedGroup([alerting()])
  group.results.set('down', [down('a')])
  await group.at(0)
  group.results.set('down', new Error('the store is away'))
  await group.at(60)
  expect(group.runner.rules[0]).toMatchObject({ health: 'err', lastError: 'the store is away' })
  expect(group.told).toHaveLength(1)
  expect(group.store.writtenAt(60_000)).toEqual([])
  group.results.set('down', [down('a')])
  await group.at(70)
  expect(group.runner.rules[0]).toMatchObject({ health: 'ok', lastError: undefined })
  expect(group.told[1]).toMatchObject({ startsAtMs: 0, endsAtMs: 310_000 })
})

test('more alerts than the limit are an error and clear the state', async () => {
  const group = createScriptedGroup([alerting()], { limit: 1 })
  group.results.set('down', [down('a')])
  await group.at(0)
  group.results.set('down', [down('a'), down('b')])
  await group.at(10)
  expect(group.runner.rules[0]?.lastError).toBe('exceeded limit of 1 with 2 alerts')
  expect(group.runner.rules[0]?.rule.alerts.size).toBe(0)
})

test('two samples that become the same alert are an error of the rule', async () => {
  const group = createScriptedGroup([alerting({ labels: { ins: 'same' } })])
  group.results.set('down', [down('a'), down('b')])
  await group.at(0)
  expect(group.runner.rules[0]?.lastError).toMatch('same labelset after applying alert labels')
})

test('a template that fails stands in the annotation with its error, and the alert goes out', async () => {
  const group = createScriptedGroup([alerting({ annotations: { summary: '{{ .Nothing }}' } })])
  group.results.set('down', [down('a')])
  await group.at(0)
  expect(group.told[0]?.annotations['summary']).toMatch(/^<error expanding template: .*Nothing/)
})

test('the link of an alert leads to its expression', async () => {
  const group = createScriptedGroup([alerting()], { externalUrl: 'http://pgherd.example/' })
  group.results.set('down', [down('a')])
  await group.at(0)
  expect(group.told[0]?.generatorUrl).toBe('http://pgherd.example/?expr=down')
})

test('a query offset moves what is queried and stored, not the times of the alert', async () => {
  const asked: number[] = []
  const group = createScriptedGroup([alerting()], {
    queryOffsetMs: 5000,
    query: (_expression, timeMs) => {
      asked.push(timeMs)
      return Promise.resolve([down('a')])
    },
  })
  await group.at(60)
  expect(asked).toEqual([55_000])
  expect(group.store.writtenAt(55_000)).toHaveLength(2)
  expect(group.told[0]?.startsAtMs).toBe(60_000)
})

/** A first run with the alert active at the given seconds, then a second run on the same store. */
async function restarted(forMs: number, activeAt: readonly number[], endedAt?: number) {
  const store = createMemoryStore()
  const first = createScriptedGroup([alerting({ forMs })], { store })
  first.results.set('down', [down('a')])
  for (const second of activeAt) await first.at(second)
  if (endedAt !== undefined) {
    first.results.set('down', [])
    await first.at(endedAt)
  }
  const second = createScriptedGroup([alerting({ forMs })], { store })
  second.results.set('down', [down('a')])
  return {
    second,
    alert: () => second.runner.rules[0]?.rule.alerts.values().next().value,
  }
}

test('after a restart an alert that was firing fires at once and since the same time', async () => {
  const { second, alert } = await restarted(20_000, [0, 10, 20, 30])
  await second.at(300)
  expect(alert()).toMatchObject({ state: 'firing', activeAtMs: 0 })
})

test('after a restart the time in which nobody looked does not count for a pending alert', async () => {
  const { second, alert } = await restarted(20_000, [0, 10])
  await second.at(100)
  expect(alert()).toMatchObject({ state: 'pending', activeAtMs: 90_000 })
  await second.at(110)
  expect(alert()).toMatchObject({ state: 'firing' })
})

test('an alert that had ended before the restart is a new one', async () => {
  const { second, alert } = await restarted(20_000, [0, 10, 20], 30)
  await second.at(40)
  expect(alert()).toMatchObject({ state: 'pending', activeAtMs: 40_000 })
})

test('what is older than an hour is not continued', async () => {
  const { second, alert } = await restarted(20_000, [0, 10, 20])
  await second.at(3700)
  expect(alert()).toMatchObject({ state: 'pending', activeAtMs: 3_700_000 })
})

test('as long as the earlier state cannot be read, nothing overwrites it', async () => {
  let broken = true
  const store = createMemoryStore()
  const group = createScriptedGroup([alerting()], {
    store,
    select: (...wanted) => (broken ? Promise.reject(new Error('not yet')) : store.select(...wanted)),
  })
  group.results.set('down', [down('a')])
  await group.at(0)
  expect(group.runner.rules[0]).toMatchObject({ health: 'err', lastError: 'not yet' })
  expect(store.writtenAt(0)).toEqual([])
  broken = false
  await group.at(10)
  expect(group.runner.rules[0]?.health).toBe('ok')
  expect(store.writtenAt(10_000)).toHaveLength(2)
})
