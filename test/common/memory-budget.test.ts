import { expect, test } from 'vitest'
import { createMemoryBudget } from '../../common/memory-budget.ts'

const mib = 2 ** 20

test('one account gets no more than its share', () => {
  const account = createMemoryBudget({ totalBytes: 100 * mib, accountBytes: 10 * mib }).open()
  account.reserve(10 * mib)
  expect(() => account.reserve(1)).toThrow(/needs more than 10 MiB/)
})

test('all accounts together get no more than the whole', () => {
  const budget = createMemoryBudget({ totalBytes: 15 * mib, accountBytes: 10 * mib })
  budget.open().reserve(10 * mib)
  expect(() => budget.open().reserve(6 * mib)).toThrow(expect.objectContaining({ code: 'OVERLOADED' }))
})

test('what was refused is not counted', () => {
  const budget = createMemoryBudget({ totalBytes: 15 * mib, accountBytes: 10 * mib })
  const account = budget.open()
  expect(() => account.reserve(11 * mib)).toThrow()
  expect(budget.reservedBytes).toBe(0)
})

test('a closed account has given everything back, once', () => {
  const budget = createMemoryBudget({ totalBytes: 15 * mib, accountBytes: 10 * mib })
  const account = budget.open()
  account.reserve(mib)
  account[Symbol.dispose]()
  account[Symbol.dispose]()
  expect(budget.reservedBytes).toBe(0)
})

test('work that goes on after its account was closed counts nothing', () => {
  const budget = createMemoryBudget({ totalBytes: 15 * mib, accountBytes: 10 * mib })
  const account = budget.open()
  account[Symbol.dispose]()
  account.reserve(mib)
  expect(budget.reservedBytes).toBe(0)
})
