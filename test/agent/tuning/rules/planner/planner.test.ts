import { describe, expect, test } from 'vitest'
import { jit } from '../../../../../agent/tuning/rules/planner/jit.ts'
import { parallelShortage } from '../../../../../agent/tuning/rules/planner/parallel-shortage.ts'
import { planTime } from '../../../../../agent/tuning/rules/planner/plan-time.ts'
import { randomPageCost } from '../../../../../agent/tuning/rules/planner/random-page-cost.ts'
import { shortParallel } from '../../../../../agent/tuning/rules/planner/short-parallel.ts'
import { tempFileLimit } from '../../../../../agent/tuning/rules/planner/temp-file-limit.ts'
import { GB, MB } from '../../recommend/some-machine.ts'
import { saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

type Numbers = Readonly<Record<string, number>>

describe('P1', () => {
  const pages = (hits: number, reads: number, of: MadeUp = {}) =>
    saidBy(randomPageCost, { ...of, counters: { 'database.blks_hit': hits, 'database.blks_read': reads } })

  test('data that shared_buffers has bring a random page down in two steps', () => {
    const from = (cost: string) => pages(99_000, 1_000, { settings: { random_page_cost: cost } }).values
    expect(from('4')).toEqual({ random_page_cost: '2' })
    expect(from('2')).toEqual({ random_page_cost: '1.1' })
    expect(from('1.9')).toEqual({})
  })

  test('so do data that fit into memory', () => {
    expect(pages(50_000, 50_000, { databaseBytes: 15 * GB }).values).toEqual({ random_page_cost: '2' })
    expect(pages(50_000, 50_000, { databaseBytes: 16 * GB })).toEqual(silent)
    expect(pages(50_000, 50_000)).toEqual(silent)
  })

  test('not a ratio of few pages, of the first hour, or below 99 %', () => {
    expect(pages(98_999, 1_000)).toEqual(silent)
    expect(pages(98_999, 1_001)).toEqual(silent)
    expect(pages(99_000, 1_000, { hoursSinceStart: 0.9 })).toEqual(silent)
  })

  test('names a statement that takes many pages for few rows', () => {
    const wideStatements = [
      { text: 'select * from orders where note = $1', calls: 9, pages: 20_000, rows: 1 },
    ]
    expect(pages(99_000, 1_000, { details: { wideStatements } }).reasons).toEqual([
      expect.stringContaining('such as 20 thousand for 1: select * from orders where note = $1'),
    ])
  })
})

describe('P2', () => {
  const compiled = (share: number, of: MadeUp = {}, calls = 100) =>
    saidBy(jit, {
      ...of,
      counters: {
        'statements.jit_time': share * 100_000,
        'statements.exec_time': 100_000,
        'statements.calls': calls,
      },
    })

  test('much compiling is ended for short transactions, and made rarer for others', () => {
    expect(compiled(0.06, { profile: 'oltp' }).values).toEqual({ jit: 'off' })
    expect(compiled(0.06, { profile: 'mixed' }).values).toEqual({ jit_above_cost: '500000' })
    expect(compiled(0.06, { profile: 'olap' }).values).toEqual({ jit_above_cost: '500000' })
  })

  test('not 5 %, not of a few statements, and not where it is off', () => {
    expect(compiled(0.05)).toEqual(silent)
    expect(compiled(0.06, {}, 99)).toEqual(silent)
    expect(compiled(0.06, { settings: { jit: 'off' } })).toEqual(silent)
  })
})

describe('P3', () => {
  const planned = (planMs: number, of: MadeUp = {}, calls = 100) =>
    saidBy(planTime, {
      ...of,
      counters: { 'statements.plan_time': planMs, 'statements.exec_time': 80, 'statements.calls': calls },
    })

  test('planning that takes a fifth has prepared statements advised', () => {
    expect(planned(21)).toMatchObject({ values: {}, notes: [expect.stringContaining('21 % of the time')] })
    expect(planned(20)).toEqual(silent)
    expect(planned(21, {}, 99)).toEqual(silent)
  })

  test('with fewer statistics where there are many', () => {
    const target = (value: string) => planned(21, { settings: { default_statistics_target: value } }).values
    expect(target('201')).toEqual({ default_statistics_target: '101' })
    expect(target('200')).toEqual({})
  })
})

describe('P4', () => {
  const asked = (launched: number, of: MadeUp = {}) =>
    saidBy(parallelShortage, {
      major: 18,
      machine: { processors: 16 },
      ...of,
      counters: {
        'database.parallel_workers_to_launch': 2_400,
        'database.parallel_workers_launched': launched,
      },
    })

  test('workers that were asked for and not there are a quarter more', () => {
    expect(asked(2_159).values).toEqual({ max_parallel_workers: '10', max_worker_processes: '10' })
    expect(asked(2_160)).toEqual(silent)
    expect(asked(2_159, { settings: { max_worker_processes: '16' } }).values).toEqual({
      max_parallel_workers: '10',
    })
    expect(asked(2_159, { hours: 25 })).toEqual(silent)
  })

  test('never more than processors; then a query has one less', () => {
    expect(asked(100, { machine: { processors: 9 } }).values).toMatchObject({ max_parallel_workers: '9' })
    expect(asked(100, { machine: { processors: 8 } }).values).toEqual({
      max_parallel_workers_per_gather: '1',
    })
    expect(asked(100, { gauges: { 'host.cpu_busy': 0.7 } }).values).toEqual({
      max_parallel_workers_per_gather: '1',
    })
    const settings = { max_parallel_workers_per_gather: '1' }
    expect(asked(100, { gauges: { 'host.cpu_busy': 0.7 }, settings })).toEqual(silent)
  })

  test('before 18 looks in which all were at work say it', () => {
    const looks = (share: number) =>
      saidBy(parallelShortage, { machine: { processors: 16 }, gauges: { 'parallel.saturated': share } })
        .values
    expect(looks(0.11)).toMatchObject({ max_parallel_workers: '10' })
    expect(looks(0.1)).toEqual({})
  })
})

describe('P5', () => {
  const short = (gauges: Numbers, of: MadeUp = {}) => saidBy(shortParallel, { ...of, gauges })
  const many = { 'parallel.workers': 0.5, 'parallel.age_ms': 24 }
  const values = { min_parallel_table_scan_size: '32MB', parallel_setup_cost: '2000' }

  test('many workers that live for less than 50 ms are begun for larger tables only', () => {
    expect(short(many).values).toEqual(values)
    expect(short({ ...many, 'parallel.age_ms': 25 })).toEqual(silent)
    expect(short({ ...many, 'parallel.workers': 0.4 })).toEqual(silent)
    expect(short({ 'parallel.workers': 0 })).toEqual(silent)
  })

  test('since 18 they are counted', () => {
    const launched = (perSecond: number) =>
      short(many, { major: 18, counters: { 'database.parallel_workers_launched': perSecond * 86_400 } })
    expect(launched(11).values).toEqual(values)
    expect(launched(10)).toEqual(silent)
  })

  test('not for few large queries, and not twice', () => {
    expect(short(many, { profile: 'olap' })).toEqual(silent)
    const settings = { min_parallel_table_scan_size: '32MB', parallel_setup_cost: '2000' }
    expect(short(many, { settings })).toEqual(silent)
  })
})

describe('P6', () => {
  const burst = (bytes: number, of: MadeUp = {}) =>
    saidBy(tempFileLimit, { host: { freeDataDiskBytes: 10 * GB }, ...of, gauges: { 'temp.bytes': bytes } })

  test('temporary files that would not fit twice are bounded to a fifth of the room', () => {
    expect(burst(5 * GB + 1).values).toEqual({ temp_file_limit: '2GB' })
    expect(burst(5 * GB)).toEqual(silent)
    expect(burst(5 * GB + 1, { host: { freeDataDiskBytes: null } })).toEqual(silent)
    expect(burst(5 * GB + 1, { host: { freeDataDiskBytes: 2 * MB } }).values).toEqual({
      temp_file_limit: '1MB',
    })
  })

  test('large queries are warned of first, and a limit that is set stays', () => {
    expect(burst(6 * GB, { profile: 'olap' })).toMatchObject({
      values: {},
      notes: [expect.stringContaining('temporary files took 6GB at once, and 10GB of the disk are left')],
    })
    expect(burst(6 * GB, { settings: { temp_file_limit: '1GB' } })).toEqual(silent)
  })
})
