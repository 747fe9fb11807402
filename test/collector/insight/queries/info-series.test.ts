import { expect, test } from 'vitest'
import { createInfoSeries } from '../../../../collector/insight/queries/info-series.ts'
import { silentLog } from '../../../../common/log.ts'
import { labelRecord } from '../../../../common/series/label-set.ts'
import { createManualClock } from '../../../manual-clock.ts'
import { calls, never, statementStore } from './statement-store.ts'

const startMs = Date.parse('2026-11-27T02:00:00Z')

function world() {
  const told = statementStore()
  const clock = createManualClock(startMs)
  const texts = new Map<string, string>()
  let regressions: Parameters<typeof createInfoSeries>[0]['watched']['regressions'] = () => []
  const info = createInfoSeries({
    store: told.store,
    texts: { textOf: ({ query }) => texts.get(query) },
    watched: { regressions: () => regressions() },
    append: told.append,
    clock,
    log: silentLog,
  })
  const told11 = (): void => {
    told.tell({ server: 'pg-main-1', query: '11' }, clock.now(), calls(undefined, 1, 1))
    told.tell({ server: 'pg-main-2', query: '11' }, clock.now(), calls(undefined, 1, 1))
    told.tell({ server: 'pg-main-1', query: 'other' }, clock.now(), calls(undefined, 1, 1))
  }
  return {
    told11,
    texts,
    info,
    clock,
    regress: (next: typeof regressions) => (regressions = next),
    ask: async (expression: string) =>
      (await told.store.vector(expression, clock.now(), never)).map(({ labels, value }) => ({
        ...labelRecord(labels),
        value,
      })) as readonly Readonly<Record<string, unknown>>[],
  }
}

test('each statement that has series has one text for all servers of its cluster', async () => {
  const { told11, texts, info, ask } = world()
  texts.set('11', 'select\n  $1')
  told11()
  await info.write(never)
  expect(await ask('pg_query_info')).toEqual([
    { __name__: 'pg_query_info', cls: 'pg-main', datname: 'app', query: '11', text: 'select $1', value: 1 },
    {
      __name__: 'pg_query_info',
      cls: 'pg-main',
      datname: 'app',
      query: 'other',
      text: 'all other statements',
      value: 1,
    },
  ])
})

test('a text that comes later takes the place of its absence, so that one statement never has two', async () => {
  const { told11, texts, info, clock, ask } = world()
  told11()
  await info.write(never)
  expect(await ask('pg_query_info{query="11"}')).toMatchObject([{ text: 'not told yet' }])
  texts.set('11', `select ${'column, '.repeat(100)}`)
  await clock.advance(10_000)
  told11()
  await info.write(never)
  const [found, ...more] = await ask('pg_query_info{query="11"}')
  expect(more).toEqual([])
  expect(found!['text']).toHaveLength(200)
  expect(found!['text']).toMatch(/^select column, .*…$/)
})

test('what became worse has the ratio and since when, until it is over', async () => {
  const { told11, info, clock, ask, regress } = world()
  const place = { cluster: 'pg-main', server: 'pg-main-1', datname: 'app', query: '11' }
  regress(() => [{ ...place, what: 'p95', before: 0.01, after: 0.05, sinceMs: startMs }])
  told11()
  await info.write(never)
  expect(await ask('pgherd_query_regression_ratio')).toMatchObject([
    { cls: 'pg-main', ins: 'pg-main-1', datname: 'app', query: '11', what: 'p95', value: 5 },
  ])
  expect(await ask('pgherd_query_regression_time_ms')).toMatchObject([{ value: startMs }])
  regress(() => [])
  await clock.advance(10_000)
  await info.write(never)
  expect(await ask('pgherd_query_regression_ratio')).toEqual([])
})
