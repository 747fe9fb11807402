import { expect, test } from 'vitest'
import { joinFigures } from '../../../agent/insight/join-figures.ts'
import { createSelfMetrics } from '../../../common/self-metrics.ts'

const of = (server: string, value: number) => ({
  name: 'pgherd_looks_total',
  help: 'Looks.',
  label: 'server',
  read: () => ({ [server]: value }),
})

test('what is told of several servers is one figure with all of them', async () => {
  const registry = createSelfMetrics(joinFigures([of('pg-1', 3), of('pg-2', 4)]))
  const text = await registry.getSingleMetricAsString('pgherd_looks_total')
  expect(text.split('\n').slice(2)).toEqual([
    'pgherd_looks_total{server="pg-1"} 3',
    'pgherd_looks_total{server="pg-2"} 4',
  ])
})

test('figures with several labels are joined, too', () => {
  const one = (server: string) => ({
    name: 'pgherd_held',
    help: 'Held back.',
    labels: ['server', 'rule'],
    read: () => [{ labels: { server, rule: 'idle' }, value: 1 }],
  })
  const [joined] = joinFigures([one('pg-1'), one('pg-2')])
  expect(joined!.labels).toEqual(['server', 'rule'])
  expect(joined!.read()).toEqual([
    { labels: { server: 'pg-1', rule: 'idle' }, value: 1 },
    { labels: { server: 'pg-2', rule: 'idle' }, value: 1 },
  ])
})
