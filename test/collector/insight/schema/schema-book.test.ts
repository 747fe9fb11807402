import { describe, expect, onTestFinished, test } from 'vitest'
import { openToldSchemas } from '../../../agent/insight/schema/told-schemas.ts'
import type { ToldSchemas } from '../../../agent/insight/schema/told-schemas.ts'
import { createManualClock } from '../../../manual-clock.ts'
import { act, report, table, wholeEnd } from './told-report.ts'

/** A collector that knows of tables orders (1) and items (2) in database shop. */
function knowing(): ToldSchemas {
  const told = openToldSchemas(createManualClock(10_000))
  onTestFinished(() => told[Symbol.dispose]())
  told.take('pg-test-1', report([table(1, 'orders'), table(2, 'items')]))
  told.take('pg-test-1', wholeEnd([1, 2]))
  return told
}

describe('what is told of a schema', () => {
  test('is no change the first time', () => {
    expect(knowing().lines()).toEqual([])
  })

  test('is one change, however often it is told', () => {
    const told = knowing()
    const altered = table(1, 'orders', { facts: { owner: 'carol', storage: '1' } })
    told.take('pg-test-1', report([altered]))
    told.take('pg-test-1', report([altered]))
    expect(told.changes()).toMatchObject([
      { change: 'altered', before: { owner: 'alice' }, after: { owner: 'carol' }, seenBy: ['catalogue'] },
    ])
  })

  test('a new table may take the name that another one had', () => {
    const told = knowing()
    told.take('pg-test-1', report([table(3, 'orders'), table(1, 'orders_old')]))
    expect(told.lines()).toEqual(['table public.orders_old renamed', 'table public.orders created'])
  })

  test('what has another number under its name was replaced, and its end is no drop', () => {
    const told = knowing()
    told.take(
      'pg-test-1',
      report([table(9, 'orders')], { gone: [{ class: 'relation', oid: 1, acts: [], maybe: [] }] }),
    )
    expect(told.changes()).toMatchObject([
      { change: 'replaced', object: 'public.orders', formerOid: 1, oid: 9 },
    ])
  })

  test('what is gone is dropped by the statement that names it', () => {
    const told = knowing()
    const acts = [act({ statement: 'drop table items', actor: 'carol' }), act()]
    const gone = [{ class: 'relation', oid: 1, acts: [], maybe: [0, 1] }]
    told.take('pg-test-1', report([], { gone, acts }))
    expect(told.changes()).toMatchObject([
      {
        ...{
          change: 'dropped',
          object: 'public.orders',
          actor: 'bob',
          application: 'migrate',
          client: '10.0.0.9',
        },
        ...{ statement: 'drop table orders', lock: 'AccessExclusiveLock', lockMs: 900, waiters: 2 },
        seenBy: ['catalogue', 'activity'],
      },
    ])
    expect(told.events).toMatchObject([
      { type: 'ddl', node: 'pg-test-1', text: 'schema of shop: table public.orders dropped, by bob' },
    ])
  })

  test('facts of an act come from all who have seen it', () => {
    const told = knowing()
    const acts = [
      act({ source: 'event trigger', lock: null, lockMs: null, waiters: null }),
      act({ statement: null }),
      act({ pid: 8, actor: 'mallory', waiters: 99 }),
    ]
    told.take('pg-test-1', report([table(1, 'o', { acts: [0, 1, 2] })], { acts }))
    expect(told.changes()).toMatchObject([
      {
        actor: 'bob',
        lock: 'AccessExclusiveLock',
        waiters: 2,
        seenBy: ['catalogue', 'event trigger', 'activity'],
      },
    ])
  })

  test('after a failover everything is told again, and only what differs has changed', () => {
    const told = knowing()
    const after = { timeline: 2 }
    told.take('pg-test-2', report([table(1, 'orders'), table(4, 'fresh')], after))
    told.take('pg-test-2', wholeEnd([1, 4], after))
    expect(told.lines()).toEqual(['table public.fresh created', 'table public.items dropped'])
  })

  test('a primary of before is not believed any more', () => {
    const told = knowing()
    told.take('pg-test-2', wholeEnd([1, 2], { timeline: 2 }))
    told.take('pg-test-1', report([table(5, 'stale')]))
    expect(told.lines()).toEqual([])
  })

  test('a server with other numbers, as after pg_upgrade, is the same by its names', () => {
    const told = knowing()
    const upgraded = { system: '72', databaseOid: 16_384 }
    told.take('pg-test-1', report([table(2, 'orders'), table(1, 'items')], upgraded))
    told.take('pg-test-1', wholeEnd([1, 2], upgraded))
    expect(told.lines()).toEqual([])
    told.take('pg-test-1', report([table(1, 'things')], upgraded))
    expect(told.changes()).toMatchObject([{ change: 'renamed', formerly: 'public.items' }])
  })

  test('a database that is renamed keeps its history', () => {
    const told = knowing()
    told.take('pg-test-1', report([table(7, 'more')], { database: 'store' }))
    expect(told.lines({ database: 'store' })).toEqual(['table public.more created'])
    expect(
      told.history.state({ cluster: 'pg-test', database: 'store', atMs: 10_000, limit: 9 })?.objects,
    ).toHaveLength(3)
  })

  test('partitions that change as their table does are parts of its change', () => {
    const told = knowing()
    const days = (facts: Readonly<Record<string, string>>) => [
      table(10, 'd1', { kind: 'partition', facts: { inherits: 'public.days', ...facts } }),
      table(11, 'd2', { kind: 'partition', facts: { inherits: 'public.days', ...facts } }),
      table(12, 'days', { kind: 'partitioned table', facts }),
    ]
    told.take('pg-test-1', report(days({})))
    told.take('pg-test-1', report(days({ 'column a': '(1) integer' }), { fromMs: 2_000, toMs: 3_000 }))
    expect(told.changes().map(({ object, change, parts }) => [object, change, parts])).toEqual([
      ['public.days', 'created', 2],
      ['public.days', 'altered', 2],
    ])
  })

  test('a command that left nothing behind is kept once', () => {
    const told = knowing()
    const brief = {
      key: '17',
      kind: 'table',
      name: 'public.brief',
      command: 'CREATE TABLE',
      atMs: 1_500,
      acts: [0],
    }
    const acts = [act({ source: 'event trigger', statement: 'create table brief' })]
    for (let i = 0; i < 2; i++) told.take('pg-test-1', report([], { commanded: [brief], acts }))
    expect(told.changes()).toMatchObject([
      {
        change: 'commanded',
        object: 'public.brief',
        after: { command: 'CREATE TABLE' },
        seenBy: ['event trigger'],
      },
    ])
  })

  test('rows that were written anew are in the history, and no event', () => {
    const told = knowing()
    told.take('pg-test-1', report([table(1, 'orders', { facts: { owner: 'alice', storage: '99' } })]))
    expect(told.lines()).toEqual(['table public.orders rewritten'])
    expect(told.events).toEqual([])
  })

  test.each([
    ['no report', { nonsense: true }],
    ['objects that cannot be unpacked', { ...report([]), objects: 'AAAA' }],
  ])('%s is refused for good', (_, body) => {
    expect(() => knowing().take('pg-test-1', body)).toThrow(
      expect.objectContaining({ code: 'BAD_DATA' }) as Error,
    )
  })
})

describe('the past', () => {
  /** At 2 s renamed, at 3 s altered, at 4 s dropped, at 5 s made again. */
  function eventful(): ToldSchemas {
    const told = knowing()
    const at = (toMs: number) => ({ fromMs: toMs - 1_000, toMs })
    told.take('pg-test-1', report([table(1, 'sales')], at(2_500)))
    told.take(
      'pg-test-1',
      report([table(1, 'sales', { facts: { owner: 'carol', storage: '1' } })], at(3_500)),
    )
    told.take(
      'pg-test-1',
      report([], { ...at(4_500), gone: [{ class: 'relation', oid: 1, acts: [], maybe: [] }] }),
    )
    told.take('pg-test-1', report([table(6, 'sales')], at(5_500)))
    return told
  }
  const statesAt = (atMs: number) =>
    eventful()
      .history.state({ cluster: 'pg-test', database: 'shop', atMs, limit: 10 })
      ?.objects.map(({ object, facts }) => `${object} of ${facts['owner']}`)
      .toSorted()

  test.each([
    [2_100, ['public.items of alice', 'public.orders of alice']],
    [3_000, ['public.items of alice', 'public.sales of alice']],
    [4_000, ['public.items of alice', 'public.sales of carol']],
    [5_000, ['public.items of alice']],
    [6_000, ['public.items of alice', 'public.sales of alice']],
  ])('at %i ms there was what there was', (atMs, expected) => {
    expect(statesAt(atMs)).toEqual(expected)
  })

  test('two instants differ by what has changed between them, and not by what came later', () => {
    const { history } = eventful()
    const range = { cluster: 'pg-test', database: 'shop' }
    expect(history.diff({ ...range, fromMs: 2_100, toMs: 4_000 })?.differences).toEqual([
      {
        ...{ database: 'shop', kind: 'table', object: 'public.sales', formerly: 'public.orders' },
        ...{ before: { owner: 'alice' }, after: { owner: 'carol' } },
      },
    ])
    expect(history.diff({ ...range, fromMs: 4_000, toMs: 5_000 })?.differences).toMatchObject([
      { object: 'public.sales', after: null },
    ])
    expect(history.diff({ ...range, fromMs: 6_000, toMs: 7_000 })?.differences).toEqual([])
    expect(history.diff({ cluster: 'pg-other', fromMs: 0, toMs: 1 })).toBeUndefined()
  })

  test('the history can be asked by name, with and without its schema, also by one that something had before', () => {
    const told = eventful()
    const found = (object: string) => told.changes({ object }).length
    expect([found('sales'), found('public.sal*'), found('orders'), found('other')]).toEqual([4, 4, 1, 0])
    expect(told.changes({ changes: ['dropped'] })).toHaveLength(1)
  })
})
