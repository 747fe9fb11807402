import { expect, test } from 'vitest'
import { statementStatistics } from '../../../../../agent/tuning/rules/memory/statement-statistics.ts'
import { saidBy, silent } from '../made-up.ts'

const thrown = (times: number) => ({ counters: { 'statements.dealloc': times } })

test('room that is made more often than once an hour is worth twice as many statements', () => {
  expect(saidBy(statementStatistics, thrown(24))).toEqual(silent)
  const { values, reasons } = saidBy(statementStatistics, thrown(25))
  expect(values).toEqual({ 'pg_stat_statements.max': '10000' })
  expect(reasons[0]).toBe('1.0 times an hour 5 % of 5000 statements were thrown away to make room')
})

test('20000 are the most', () => {
  const most = (value: string) =>
    saidBy(statementStatistics, { ...thrown(100), settings: { 'pg_stat_statements.max': value } })
  expect(most('12000').values).toEqual({ 'pg_stat_statements.max': '20000' })
  expect(most('20000')).toMatchObject({ values: {}, notes: [expect.stringContaining('told apart')] })
})

test('the first hour says nothing', () => {
  expect(saidBy(statementStatistics, { ...thrown(100), hoursSinceStart: 0.5 })).toEqual(silent)
})
