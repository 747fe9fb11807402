import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { migrate } from '../../../../collector/fleet/migrations.ts'
import { openStatementTexts } from '../../../../collector/insight/queries/statement-texts.ts'
import { createManualClock } from '../../../manual-clock.ts'

const nowMs = Date.parse('2026-11-27T02:00:00Z')
const day = 86_400_000

function openBook(limits?: { maxTexts: number; maxAgeMs: number }) {
  const database = new DatabaseSync(':memory:')
  onTestFinished(() => database.close())
  migrate(database, ':memory:')
  const clock = createManualClock(nowMs)
  const book = openStatementTexts(database, { clock, ...(limits === undefined ? {} : { limits }) })
  const tell = (texts: readonly Record<string, unknown>[], cluster = 'pg-main'): void =>
    book.take(
      { id: 'one', server: `${cluster}-1`, cluster, topic: 'statement-texts', atMs: nowMs, body: { texts } },
      `${cluster}-1`,
    )
  return { book, clock, tell }
}

const text = (queryid: string, sql: string, more: Record<string, unknown> = {}) => ({
  queryid,
  datname: 'app',
  text: sql,
  isCut: false,
  ...more,
})

test('a text is found by cluster, database and identifier, and only there', () => {
  const { book, tell } = openBook()
  tell([text('-5', 'select $1')])
  expect(book.textOf({ cluster: 'pg-main', datname: 'app', query: '-5' })).toBe('select $1')
  expect(book.textOf({ cluster: 'pg-other', datname: 'app', query: '-5' })).toBeUndefined()
  expect(book.textOf({ cluster: 'pg-main', datname: 'other', query: '-5' })).toBeUndefined()
})

test('what is cut says so', () => {
  const { book, tell } = openBook()
  tell([text('1', 'select a, b', { isCut: true })])
  expect(book.textOf({ cluster: 'pg-main', datname: 'app', query: '1' })).toBe('select a, b …')
})

test('one that is told again keeps when it was first seen', async () => {
  const { book, clock, tell } = openBook()
  tell([text('1', 'select $1')])
  await clock.advance(day)
  tell([text('1', 'select $1')])
  expect(book.seen({ cluster: 'pg-main', datname: 'app', query: '1' })).toEqual({
    firstMs: nowMs,
    lastMs: nowMs + day,
  })
})

test('texts nobody executed for long are forgotten, and beyond the limit the oldest', async () => {
  const { book, clock, tell } = openBook({ maxTexts: 2, maxAgeMs: 10 * day })
  tell([text('1', 'select 1')])
  await clock.advance(day)
  tell([text('2', 'select 2')])
  await clock.advance(day)
  book.executed([{ cluster: 'pg-main', datname: 'app', query: '1' }])
  tell([text('3', 'select 3')])
  expect(book.texts({}, ['1', '2', '3']).map(({ query }) => query)).toEqual(
    expect.arrayContaining(['1', '3']),
  )
  expect(book.texts({}, ['2'])).toEqual([])
  await clock.advance(20 * day)
  tell([text('4', 'select 4')])
  expect(book.texts({}, ['1', '3', '4']).map(({ query }) => query)).toEqual(['4'])
})

test('a body of another shape is refused', () => {
  const { tell } = openBook()
  expect(() => tell([text('drop table', 'select 1')])).toThrow(/statement-texts/)
})

test('statements that name a table are found by the whole word', () => {
  const { book, tell } = openBook()
  tell([
    text('1', 'SELECT * FROM Orders WHERE id = $1'),
    text('2', 'select * from orders_old'),
    text('3', 'update "orders" set a = $1'),
    text('4', 'select * from t where a.b = $1'),
  ])
  expect(book.naming('pg-main', 'app', 'orders').toSorted()).toEqual([
    'SELECT * FROM Orders WHERE id = $1',
    'update "orders" set a = $1',
  ])
  expect(book.naming('pg-main', 'app', 'a.b')).toEqual(['select * from t where a.b = $1'])
  expect(book.naming('pg-main', 'app', '.*')).toEqual([])
})

test('all places are known in which there is a statement of an identifier', () => {
  const { book, tell } = openBook()
  tell([text('1', 'select 1')])
  tell([text('1', 'select 1', { datname: 'shop' })], 'pg-shop')
  expect(
    book
      .known('1', {})
      .map(({ cluster, datname }) => `${cluster} ${datname}`)
      .toSorted(),
  ).toEqual(['pg-main app', 'pg-shop shop'])
  expect(book.known('1', { cluster: 'pg-shop' })).toEqual([
    { cluster: 'pg-shop', datname: 'shop', query: '1' },
  ])
})
