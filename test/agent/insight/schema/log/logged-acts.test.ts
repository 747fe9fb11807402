import { describe, expect, test } from 'vitest'
import { firstRecord, wholeRecords } from '../../../../../agent/insight/schema/log/cut-records.ts'
import { newestParts, partsSince } from '../../../../../agent/insight/schema/log/log-place.ts'
import { loggedActs } from '../../../../../agent/insight/schema/log/logged-acts.ts'
import { parseCsvLog } from '../../../../../agent/insight/schema/log/parse-csv-log.ts'
import { parseJsonLog } from '../../../../../agent/insight/schema/log/parse-json-log.ts'
import { parseStderrLog, stderrPattern } from '../../../../../agent/insight/schema/log/parse-stderr-log.ts'

const hour = 3_600_000
const atMs = Date.UTC(2026, 10, 28, 1, 12, 35, 123)

const json = (more: object): string =>
  JSON.stringify({
    ...{
      timestamp: '2026-11-28 01:12:35.123 UTC',
      user: 'bob',
      dbname: 'shop',
      pid: 7,
      vxid: '3/12',
      txid: 0,
    },
    ...{ remote_host: '10.0.0.9', error_severity: 'LOG', application_name: 'psql', message: '', ...more },
  })
const csv = (message: string, more: { severity?: string; query?: string } = {}): string =>
  [
    '2026-11-28 02:12:35.123 CET,"bob","shop",7,"10.0.0.9:5432",6a.1,3,"ALTER",2026-11-28 02:00:00 CET,3/12,801',
    `${more.severity ?? 'LOG'},00000,"${message.replaceAll('"', '""')}",,,,,,"${more.query ?? ''}",,,"psql","client backend",,0`,
  ].join(',')

describe('a record says who ran which statement, and when', () => {
  const expected = { database: 'shop', act: { source: 'log', actor: 'bob', pid: 7, startedMs: atMs } }

  test('of jsonlog', () => {
    const acts = loggedActs(parseJsonLog(json({ message: 'statement: drop table t' }), 0))
    expect(acts).toMatchObject([expected])
    expect(acts[0]?.act).toMatchObject({ statement: 'drop table t', application: 'psql', client: '10.0.0.9' })
  })

  test('of csvlog, over several lines and with quotes', () => {
    const acts = loggedActs(parseCsvLog(`${csv('statement: alter table "T"\n add x int')}\n`, hour))
    expect(acts).toMatchObject([expected])
    expect(acts[0]?.act).toMatchObject({
      statement: 'alter table "T" add x int',
      xid: '801',
      client: '10.0.0.9',
    })
  })

  test('of stderr, over several lines', () => {
    const pattern = stderrPattern('%m [%p] %q%u@%d %a %h ')
    const text =
      '2026-11-28 01:12:35.123 UTC [7] bob@shop psql [local] LOG:  statement: create table t (\n\t a int)\n'
    const acts = loggedActs(parseStderrLog(text, 0, pattern!))
    expect(acts).toMatchObject([expected])
    expect(acts[0]?.act).toMatchObject({
      statement: 'create table t ( a int)',
      application: 'psql',
      client: null,
    })
  })
})

test.each([
  ['%m [%p] ', false],
  ['%m %u ', false],
  ['%t %u %d ', true],
  ['%m [%p] %q%u@%d/%a ', true],
  ['%%%m:%-10u:%d:%x ', true],
])('log_line_prefix %j is of use: %s', (prefix, isOfUse) => {
  expect(stderrPattern(prefix) !== undefined).toBe(isOfUse)
})

test('a padded prefix and one with a percent sign are read', () => {
  const text = '%2026-11-28 01:12:35.123 UTC:bob       :shop:801 LOG:  statement: drop role r'
  expect(loggedActs(parseStderrLog(text, 0, stderrPattern('%%%m:%-10u:%d:%x ')!))).toMatchObject([
    { database: 'shop', act: { actor: 'bob', xid: '801', pid: null } },
  ])
})

describe('of statements', () => {
  const actsOf = (...lines: readonly object[]) =>
    loggedActs(parseJsonLog(lines.map((line) => json(line)).join('\n'), 0)).map(({ act }) => act)

  test('no literal and no password is kept', () => {
    const acts = actsOf({ message: `statement: alter role bob password 'very-secret'` })
    expect(acts.map(({ statement }) => statement)).toEqual(['alter role bob password ?'])
  })

  test.each([
    'statement: select 1',
    'statement: create temp table t (a int)',
    'duration: 0.1 ms  parse s1: drop table t',
    'checkpoint starting: time',
  ])('%j is none', (message) => {
    expect(actsOf({ message })).toEqual([])
  })

  test('one that was logged with its duration began before', () => {
    const [act] = actsOf({ message: 'duration: 1500.000 ms  execute <unnamed>: create index i on t (a)' })
    expect(act).toMatchObject({
      startedMs: atMs - 1_500,
      endedMs: atMs,
      statement: 'create index i on t (a)',
    })
  })

  test('one that failed is left out, and others of its session stay', () => {
    const acts = actsOf(
      { message: 'statement: create table a ()' },
      { message: 'statement: drop table b' },
      { error_severity: 'ERROR', message: 'table "b" does not exist', statement: 'drop table b' },
    )
    expect(acts.map(({ statement }) => statement)).toEqual(['create table a ()'])
  })

  test('the first of a transaction gets the number that the second one has', () => {
    const acts = actsOf(
      { message: 'statement: create table a ()' },
      { message: 'statement: create table b ()', txid: 801 },
    )
    expect(acts.map(({ xid }) => xid)).toEqual(['801', '801'])
  })
})

describe('what is torn', () => {
  const first = '2026-11-28 01:12:35.123 UTC a\n\tb\n'
  const second = '2026-11-28 01:12:36.123 UTC c\n'

  test('begins with the next record', () => {
    expect(firstRecord(Buffer.from(`\tb\n${second}`), 'stderr')).toBe(3)
    expect(firstRecord(Buffer.from(`rest"}\n{}`), 'jsonlog')).toBe(7)
    expect(firstRecord(Buffer.from(`rest of it",,\n${csv('x')}`), 'csvlog')).toBe(14)
    expect(firstRecord(Buffer.from('no record'), 'csvlog')).toBe(-1)
  })

  test('waits for its end', () => {
    expect(wholeRecords(Buffer.from(`${first}${second}`), 'stderr', true)).toBe(first.length + second.length)
    expect(wholeRecords(Buffer.from(`${second}${first}`), 'stderr', false)).toBe(second.length)
    expect(wholeRecords(Buffer.from('{}\n{"a'), 'jsonlog', true)).toBe(3)
    const whole = `${csv('one\ntwo')}\n`
    expect(
      wholeRecords(Buffer.from(`${whole}${csv('torn\n')}`.slice(0, whole.length + 130)), 'csvlog', true),
    ).toBe(whole.length)
  })
})

describe('what came since', () => {
  const files = [
    { name: 'a.log', size: 100 },
    { name: 'b.log', size: 50 },
    { name: 'c.log', size: 30 },
  ]
  const parts = (place: { file: string; offset: number } | undefined) =>
    partsSince(place, { files, current: 'c.log' }).map(({ file, from, to }) => `${file} ${from}-${to}`)

  test('goes on in the files that followed', () => {
    expect(parts({ file: 'b.log', offset: 40 })).toEqual(['b.log 40-50', 'c.log 0-30'])
  })
  test('is all of a file that was begun anew under its name', () => {
    expect(parts({ file: 'c.log', offset: 31 })).toEqual(['c.log 0-30'])
  })
  test('is the current file where the former one is gone', () => {
    expect(parts({ file: 'z.log', offset: 3 })).toEqual(['c.log 0-30'])
  })
  test('is the newest of it where it is too much, and the rest is counted', () => {
    const all = partsSince({ file: 'a.log', offset: 0 }, { files, current: 'c.log' })
    expect(newestParts(all, 60)).toEqual({
      parts: [
        { file: 'b.log', from: 20, to: 50 },
        { file: 'c.log', from: 0, to: 30 },
      ],
      skipped: 120,
    })
  })
})
