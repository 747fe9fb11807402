import { expect, test } from 'vitest'
import { createManualClock } from '../../../manual-clock.ts'
import { seriesOf, storing } from '../stored-series.ts'
import { noInsert, startServer } from '../test-server.ts'

const name = (__name__: string, more: Record<string, string> = {}) => ({ __name__, ...more })

const metadata = new Map([
  ['up', [{ type: 'gauge', help: '', unit: '' }]],
  ['hits', [{ type: 'counter', help: '', unit: '' }]],
  ['lat_sum', [{ type: 'summary', help: '', unit: '' }]],
] as const)

async function federate(parameters: string) {
  const { administration } = storing([
    seriesOf(name('up', { ins: 'b' }), [[900, 1]]),
    seriesOf(name('up', { ins: 'b' }), [[990.5, 0]]),
    seriesOf(name('up', { ins: 'a' }), [[995, 1]]),
    seriesOf(name('up', { ins: 'gone' }), [
      [980, 1],
      [990, 'stale'],
    ]),
    seriesOf(name('up', { ins: 'old' }), [[700, 1]]),
    seriesOf(name('load'), [[999, Number.NaN]]),
    seriesOf(name('hits_total'), [[999, 3]]),
    seriesOf(name('lat_sum'), [[999, 4]]),
  ])
  const server = await startServer({
    administration,
    clock: createManualClock(1_000_000),
    insert: { ...noInsert, metadata: () => metadata },
  })
  return server.inject({ url: `/federate?${parameters}` })
}

test('the last sample of every series comes with its own time, by metric', async () => {
  const answer = await federate('match[]=up&match[]=load')
  expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(answer.body).toBe(
    '# TYPE load untyped\nload NaN 999000\n' +
      '# TYPE up gauge\nup{ins="a"} 1 995000\nup{ins="b"} 0 990500\n',
  )
})

test('types are those that senders told, of counters and gauges', async () => {
  expect((await federate('match[]=hits_total&match[]=lat_sum')).body).toBe(
    '# TYPE hits_total counter\nhits_total 3 999000\n# TYPE lat_sum untyped\nlat_sum 4 999000\n',
  )
})

test('without a selector it is refused', async () => {
  expect((await federate('')).statusCode).toBe(400)
})

test('extra labels narrow it', async () => {
  expect((await federate('match[]=up&extra_label=ins=a')).body).toBe(
    '# TYPE up gauge\nup{ins="a"} 1 995000\n',
  )
})
