import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { inTransaction } from '../../common/in-transaction.ts'

function opened() {
  const database = new DatabaseSync(':memory:')
  onTestFinished(() => database.close())
  database.exec('CREATE TABLE told (n INTEGER)')
  const put = (n: number): void => void database.prepare('INSERT INTO told (n) VALUES (?)').run(n)
  const kept = (): readonly unknown[] =>
    database
      .prepare('SELECT n FROM told')
      .all()
      .map(({ n }) => n)
  return { database, put, kept }
}

test('what was done is kept, and its result given', () => {
  const { database, put, kept } = opened()
  expect(inTransaction(database, () => (put(1), 'done'))).toBe('done')
  expect(kept()).toEqual([1])
  expect(database.isTransaction).toBe(false)
})

test('an error leaves nothing behind, and reaches who asked', () => {
  const { database, put, kept } = opened()
  const failing = (): void => {
    put(1)
    throw new Error('no more')
  }
  expect(() => inTransaction(database, failing)).toThrow('no more')
  expect(kept()).toEqual([])
  expect(database.isTransaction).toBe(false)
})

test('a transaction that SQLite has ended itself is not ended again', () => {
  const { database } = opened()
  const ended = (): void => {
    database.exec('ROLLBACK')
    throw new Error('database or disk is full')
  }
  expect(() => inTransaction(database, ended)).toThrow('database or disk is full')
})
