import { describe, expect, test } from 'vitest'
import { freezeAge } from '../../../../../agent/tuning/rules/vacuum/freeze-age.ts'
import { indexPasses } from '../../../../../agent/tuning/rules/vacuum/index-passes.ts'
import { wraparoundEmergency } from '../../../../../agent/tuning/rules/vacuum/wraparound-emergency.ts'
import { saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'
import { holderOf } from './tables.ts'

const million = 1_000_000
/** Of transactions that come evenly through the day that is known. */
const aDay = (xids: number): Readonly<Record<string, number>> => ({ 'wraparound.xids': xids })

describe('V4', () => {
  const passes = (atOnce: number, of: MadeUp = {}) =>
    saidBy(indexPasses, { major: 16, ...of, gauges: { 'vacuum.several_passes': atOnce, ...of.gauges } })

  test('two tables whose indexes were read again have twice the memory', () => {
    expect(passes(2).values).toEqual({ autovacuum_work_mem: '128MB' })
    expect(passes(2, { settings: { autovacuum_work_mem: '768MB' } }).values).toEqual({
      autovacuum_work_mem: '1GB',
    })
    expect(passes(1)).toEqual(silent)
  })

  test('also one after the other', () => {
    const relids = (mean: number) =>
      passes(1, { gauges: { 'vacuum.several_passes_relid': { mean, last: 16_400 } } })
    expect(relids(16_392).values).toEqual({ autovacuum_work_mem: '128MB' })
    expect(relids(16_400)).toEqual(silent)
  })

  test('no more than VACUUM can use', () => {
    expect(passes(2, { settings: { autovacuum_work_mem: '1GB' } })).toMatchObject({
      values: {},
      notes: [expect.stringContaining('more than 1GB is hardly of use to it')],
    })
    expect(passes(2, { major: 17, settings: { autovacuum_work_mem: '256MB' } })).toMatchObject({
      values: { autovacuum_work_mem: '512MB' },
      notes: [expect.stringContaining('since 17 that is unusual')],
    })
    expect(passes(2, { major: 17, settings: { autovacuum_work_mem: '512MB' } }).values).toEqual({})
  })
})

describe('V5', () => {
  const aged = (age: number, of: MadeUp = {}) =>
    saidBy(wraparoundEmergency, { ...of, gauges: { 'wraparound.xid_age': age, ...of.gauges } })

  test('rows that are a fifth older than the age of freezing are frozen as quickly as can be', () => {
    const { values, notes } = aged(240 * million + 1)
    expect(values).toEqual({ autovacuum_vacuum_cost_delay: '0', autovacuum_work_mem: '128MB' })
    expect(notes).toEqual([
      'the oldest row is 240 million transactions old, which is 1.2 times the age from which on it is frozen: runs against wraparound do not keep up',
    ])
    expect(aged(240 * million)).toEqual(silent)
  })

  test('with more processes where a reload gives them', () => {
    expect(aged(300 * million, { major: 18 }).values).toMatchObject({ autovacuum_max_workers: '6' })
    expect(
      aged(300 * million, { major: 18, settings: { autovacuum_worker_slots: '4' } }).values,
    ).toMatchObject({ autovacuum_max_workers: '4' })
  })

  test('sooner where ids last for less than a week, but not before freezing is forced', () => {
    const perDay = 260 * million
    expect(aged(201 * million, { counters: aDay(perDay) }).notes).toEqual([
      expect.stringContaining('at this rate nothing can be written in 7 days'),
    ])
    expect(aged(201 * million, { counters: aDay(200 * million) })).toEqual(silent)
    expect(aged(199 * million, { counters: aDay(perDay) })).toEqual(silent)
  })

  test('of multixacts too', () => {
    const gauges = { 'wraparound.multixact_age': 481 * million }
    expect(aged(1, { gauges }).notes).toEqual([expect.stringContaining('481 million multixacts old')])
  })

  test('says how serious it is', () => {
    expect(aged(1_000 * million).notes[0]).toContain('half of what there is has been used')
    expect(aged(1_600 * million).notes[0]).toContain('vacuum_failsafe_age')
  })

  test('names the oldest, and proposes nothing while somebody holds the horizon', () => {
    const oldestTables = {
      databases: [{ name: 'shop', age: 300 * million, multixactAge: 0 }],
      tables: [{ table: 'public.orders', age: 300 * million, bytes: 8192 }],
    }
    const details = { oldestTables, horizonHolders: [holderOf({ age: 250 * million })] }
    expect(aged(300 * million, { details })).toMatchObject({
      values: {},
      notes: [
        expect.stringContaining('the oldest row is 300 million'),
        'the oldest databases: shop (300 million); the oldest tables here: public.orders (300 million)',
      ],
    })
  })
})

describe('V6', () => {
  const used = (
    counters: Readonly<Record<string, number>>,
    settings: Readonly<Record<string, string>> = {},
    gauges: Readonly<Record<string, number>> = {},
  ) =>
    saidBy(freezeAge, {
      counters,
      settings,
      gauges: { 'wraparound.xid_age': 100 * million, 'wraparound.multixact_age': 1, ...gauges },
    })

  test('an age of freezing that is reached in less than three days is raised a step', () => {
    expect(used(aDay(67 * million)).values).toEqual({ autovacuum_freeze_max_age: '400000000' })
    expect(used(aDay(66 * million))).toEqual(silent)
    const from = (age: string) => used(aDay(300 * million), { autovacuum_freeze_max_age: age }).values
    expect(from('400000000')).toEqual({ autovacuum_freeze_max_age: '600000000' })
    expect(from('600000000')).toEqual({ autovacuum_freeze_max_age: '800000000' })
    expect(from('800000000')).toEqual({})
  })

  test('not where rows were older than that by a fifth', () => {
    const age = (xids: number) => used(aDay(67 * million), {}, { 'wraparound.xid_age': xids })
    expect(age(241 * million)).toEqual(silent)
  })

  test('multixacts likewise, if their members leave the room', () => {
    const multixacts = (members: number) =>
      used({ 'wraparound.multixacts': 140 * million, 'wraparound.multixact_members': members }).values
    expect(multixacts(140 * million)).toEqual({ autovacuum_multixact_freeze_max_age: '600000000' })
    expect(multixacts(140 * million * 2)).toEqual({})
  })
})
