import { describe, expect, test } from 'vitest'
import type { ActiveTable } from '../../../../../agent/tuning/details/active-tables.ts'
import type { Rule } from '../../../../../agent/tuning/rules/rule.ts'
import { insertOnlyTables } from '../../../../../agent/tuning/rules/vacuum/insert-only-tables.ts'
import { largeTables } from '../../../../../agent/tuning/rules/vacuum/large-tables.ts'
import { queueTables } from '../../../../../agent/tuning/rules/vacuum/queue-tables.ts'
import { staleStatistics } from '../../../../../agent/tuning/rules/vacuum/stale-statistics.ts'
import { inputOf, saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'
import { tableOf, tablesOf } from './tables.ts'

const million = 1_000_000
const saturated = { 'vacuum.saturated': 0.6, 'vacuum.workers': 3 }

const said = (rule: Rule, tables: readonly Partial<ActiveTable>[], of: MadeUp = {}) =>
  saidBy(rule, { ...of, details: { activeTables: tablesOf(tables.map(tableOf)) } })

describe('V3', () => {
  const large = { liveRows: 20 * million, deadRows: 2.1 * million }

  test('a large table with more than a tenth of dead rows has its own scale factor', () => {
    const activeTables = tablesOf([tableOf(large)])
    const { drafts } = largeTables.advise(inputOf({ details: { activeTables } }))
    expect(drafts).toMatchObject([
      {
        proposed: '0.05',
        scope: { table: 'public.orders', database: 'shop' },
        effect: 'it is vacuumed from 1 million dead rows on',
      },
    ])
    expect(said(largeTables, [{ ...large, deadRows: 2 * million }])).toEqual(silent)
    expect(said(largeTables, [{ liveRows: 10 * million, deadRows: 2 * million }])).toEqual(silent)
  })

  test('a smaller one where it is larger, or has one already, and none below that', () => {
    expect(said(largeTables, [{ liveRows: 200 * million, deadRows: 21 * million }]).values).toEqual({
      autovacuum_vacuum_scale_factor: '0.02',
    })
    const own = (factor: string) =>
      said(largeTables, [{ ...large, options: { autovacuum_vacuum_scale_factor: factor } }]).values
    expect(own('0.05')).toEqual({ autovacuum_vacuum_scale_factor: '0.02' })
    expect(own('0.02')).toEqual({})
  })

  test('many of them have the one of all tables halved', () => {
    const six = Array.from({ length: 6 }, (_, i) => ({ ...large, table: `public.t${i}` }))
    const global = (factor: string) => {
      const activeTables = tablesOf(six.map(tableOf))
      const settings = { autovacuum_vacuum_scale_factor: factor }
      return largeTables.advise(inputOf({ settings, details: { activeTables } })).drafts
    }
    expect(global('0.2')).toMatchObject([{ proposed: '0.1' }])
    expect(global('0.2')[0]).not.toHaveProperty('scope')
    expect(global('0.1')).toMatchObject([{ proposed: '0.05' }])
    expect(global('0.05')).toEqual([])
  })

  test('the highest threshold of 18 is less where a table has more', () => {
    const vast = { liveRows: 200 * million, deadRows: 21 * million }
    expect(said(largeTables, [vast], { major: 18 }).values).toEqual({
      autovacuum_vacuum_scale_factor: '0.02',
      autovacuum_vacuum_max_threshold: '10000000',
    })
  })

  test('not where autovacuum has no time, is off, or makes a quarter of all reads and writes', () => {
    expect(said(largeTables, [large], { gauges: saturated })).toEqual(silent)
    expect(said(largeTables, [{ ...large, isAutovacuumed: false }])).toEqual(silent)
    const io = (share: number, all = 1024 ** 3) =>
      said(largeTables, [large], {
        counters: { 'io.autovacuum_bytes': share * all, 'io.all_bytes': all },
      })
    expect(io(0.25)).toEqual(silent)
    expect(io(0.24).values).toEqual({ autovacuum_vacuum_scale_factor: '0.05' })
    expect(io(0.25, 1024 ** 3 - 1).values).toEqual({ autovacuum_vacuum_scale_factor: '0.05' })
  })
})

describe('V7', () => {
  const log = {
    liveRows: 20 * million,
    inserted: 20 * million,
    updatedOrDeleted: 0,
    insertedSinceVacuum: 2.1 * million,
  }

  test('a large table that is only inserted into is vacuumed sooner', () => {
    expect(said(insertOnlyTables, [log]).values).toEqual({ autovacuum_vacuum_insert_scale_factor: '0.05' })
    expect(said(insertOnlyTables, [{ ...log, insertedSinceVacuum: 2 * million }])).toEqual(silent)
    expect(said(insertOnlyTables, [{ ...log, liveRows: 10 * million }])).toEqual(silent)
    expect(said(insertOnlyTables, [{ ...log, updatedOrDeleted: 0.21 * million }])).toEqual(silent)
  })

  test('not where that is so already, or autovacuum has no time', () => {
    const options = { autovacuum_vacuum_insert_scale_factor: '0.05' }
    expect(said(insertOnlyTables, [{ ...log, options }])).toEqual(silent)
    expect(said(insertOnlyTables, [log], { gauges: saturated })).toEqual(silent)
  })
})

describe('V8', () => {
  const changed = { modifiedSinceAnalyze: 200_001 }

  test('a table that is read much and has changed by a fifth is analyzed sooner, a step at a time', () => {
    const factor = (value: string) =>
      said(staleStatistics, [changed], { settings: { autovacuum_analyze_scale_factor: value } }).values
    expect(factor('0.1')).toEqual({ autovacuum_analyze_scale_factor: '0.05' })
    expect(factor('0.05')).toEqual({ autovacuum_analyze_scale_factor: '0.02' })
    expect(factor('0.02')).toEqual({})
  })

  test('not one that is small, hardly read, or changed less', () => {
    expect(said(staleStatistics, [{ modifiedSinceAnalyze: 200_000 }])).toEqual(silent)
    expect(said(staleStatistics, [{ ...changed, readRank: 21 }])).toEqual(silent)
    expect(said(staleStatistics, [{ liveRows: 9_999, modifiedSinceAnalyze: 9_000 }])).toEqual(silent)
    expect(said(staleStatistics, [changed], { gauges: saturated })).toEqual(silent)
  })

  test('one without autovacuum is told, because no factor helps it', () => {
    expect(said(staleStatistics, [{ ...changed, isAutovacuumed: false }])).toMatchObject({
      values: {},
      notes: [expect.stringContaining('autovacuum is off for it')],
    })
  })
})

describe('V9', () => {
  const queue = { liveRows: 1_000, deadRows: 10_001 }

  test('a queue with ten times as many dead rows has rounds come twice as often, down to 15 seconds', () => {
    const naptime = (value: string) =>
      said(queueTables, [queue], { settings: { autovacuum_naptime: value } }).values
    expect(naptime('60s')).toEqual({ autovacuum_naptime: '30s' })
    expect(naptime('30s')).toEqual({ autovacuum_naptime: '15s' })
    expect(naptime('15s')).toEqual({})
  })

  test('not one with fewer, nor while autovacuum has no time', () => {
    expect(said(queueTables, [{ ...queue, deadRows: 10_000 }])).toEqual(silent)
    expect(said(queueTables, [{ liveRows: 10, deadRows: 9_999 }])).toEqual(silent)
    expect(said(queueTables, [queue], { gauges: saturated })).toEqual(silent)
  })

  test('more databases than a round has time for are told', () => {
    const databases = (count: number) => said(queueTables, [], { gauges: { 'wraparound.databases': count } })
    expect(databases(601).notes).toEqual([
      '601 databases take autovacuum at least 60 seconds for one round, whatever autovacuum_naptime = 60 says',
    ])
    expect(databases(600)).toEqual(silent)
  })
})
