import { describe, expect, test } from 'vitest'
import { factLines } from '../../agentctl/ddl/fact-difference.ts'
import type { DdlChange } from '../../common/insight/ddl-view.ts'
import { fakeCollector } from './fake-collector.ts'
import { runAgentctl } from './run-agentctl.ts'

const change = (more: Partial<DdlChange> = {}): DdlChange => ({
  ...{ seq: 7, cluster: 'pg-main', server: 'pg-main-1', database: 'shop', atMs: 1_700_000_000_000 },
  ...{
    fromMs: 1_699_999_990_000,
    toMs: 1_700_000_001_000,
    change: 'altered',
    kind: 'table',
    object: 'public.orders',
  },
  ...{ formerly: null, class: 'relation', oid: 16_400, before: { owner: 'alice' }, after: { owner: 'bob' } },
  ...{
    seenBy: ['catalogue', 'activity'],
    actor: 'carol',
    application: 'migrate',
    client: '10.0.0.9',
    pid: 17,
  },
  ...{ statement: 'alter table orders owner to bob', xid: '800', lock: 'AccessExclusiveLock', lockMs: 1_234 },
  ...{ waiters: 3, parts: 0, formerOid: null },
  ...more,
})

describe('agentctl ddl', () => {
  test('history has the newest last, with who and what it held up', async () => {
    const { url } = await fakeCollector({
      'GET /api/v1/ddl': () => [
        change({ seq: 8, change: 'dropped', actor: null, application: null, lock: null, parts: 12 }),
        change(),
      ],
    })
    expect((await runAgentctl(['ddl', 'history'], { url })).out).toMatchInlineSnapshot(`
      "NO  TIME (UTC)           CLUSTER  DATABASE  CHANGE   OBJECT                     WHO    LOCK
      7   2023-11-14 22:13:20  pg-main  shop      altered  table public.orders        carol  AccessExclusive 1.2s, 3 waited
      8   2023-11-14 22:13:20  pg-main  shop      dropped  table public.orders (+12)"
    `)
  })

  test('the filters are the collector’s', async () => {
    const { url, asked } = await fakeCollector({ 'GET /api/v1/ddl': () => [] })
    const flags = [
      '-c',
      'pg-main',
      '-d',
      'shop',
      '--object',
      'orders*',
      '--change',
      'dropped',
      'created',
      '--since',
      '100s',
    ]
    expect((await runAgentctl(['ddl', 'history', ...flags], { url })).out).toBe('no schema has changed')
    expect(asked[0]?.query.toString()).toBe(
      'limit=50&cluster=pg-main&database=shop&object=orders*&change=dropped&change=created&since=1700000000',
    )
  })

  test('show has one change in full', async () => {
    const { url } = await fakeCollector({ 'GET /api/v1/ddl/7': () => change() })
    expect((await runAgentctl(['ddl', 'show', '7'], { url })).out).toMatchInlineSnapshot(`
      "change       table public.orders was altered
      where        shop, cluster pg-main, told by pg-main-1
      when         2023-11-14T22:13:20.000Z, between 2023-11-14 22:13:10 and 2023-11-14 22:13:21
      who          carol (process 17)
      with         migrate
      from         10.0.0.9
      statement    alter table orders owner to bob
      lock         AccessExclusive 1.2s, 3 waited
      transaction  800
      seen by      catalogue, activity
      - owner: alice
      + owner: bob"
    `)
  })

  test('diff has what came, went and changed, and says from when on it knows', async () => {
    const difference = { database: 'shop', kind: 'table', object: 'public.a', formerly: null }
    const { url, asked } = await fakeCollector({
      'GET /api/v1/ddl/diff': () => ({
        knownSinceMs: 1_700_000_000_000,
        differences: [
          { ...difference, before: null, after: { owner: 'alice' } },
          { ...difference, object: 'public.b', before: { owner: 'alice' }, after: null },
          { ...difference, object: 'public.c', formerly: 'public.d', before: {}, after: {} },
        ],
      }),
    })
    const args = ['ddl', 'diff', '-c', 'pg-main', '--at', '2026-11-26T12:00Z', 'now-1h']
    expect((await runAgentctl(args, { url })).out).toMatchInlineSnapshot(`
      "database shop:
      + table public.a
          + owner: alice
      - table public.b
          - owner: alice
      ~ table public.c (was public.d)
      What was before 2023-11-14 22:13:20 UTC is not known."
    `)
    expect(asked[0]?.query.toString()).toBe('cluster=pg-main&from=2026-11-26T12%3A00Z&to=now-1h')
  })

  test('three instants are wrong usage', async () => {
    const args = ['ddl', 'diff', '-c', 'pg-main', '--at', '1', '2', '3']
    const { error } = await runAgentctl(args, { url: 'http://127.0.0.1:1' })
    expect(error).toMatchObject({ exit: 2 })
  })
})

test('a column that has another name is told as renamed, a definition of several lines with a mark before each', () => {
  expect(
    factLines(
      { 'column a': '(1) integer', 'column b': '(2) text', definition: 'select 1' },
      { 'column c': '(1) integer', 'column b': '(2) text not null', definition: 'select 1,\n  2' },
    ),
  ).toEqual([
    '  column a renamed to c',
    '- column b: (2) text',
    '+ column b: (2) text not null',
    '- definition: select 1',
    '+ definition: select 1,',
    '+     2',
  ])
})
