import { describe, expect, test } from 'vitest'
import { createBatchWriter } from '../../../agent/scrape/batch-writer.ts'
import { createSeriesBudget } from '../../../agent/scrape/series-budget.ts'
import type { SampleTable } from '../../../common/series/sample-table.ts'
import { labelRecord } from '../../../common/series/label-set.ts'
import { batchSamples } from './batch-samples.ts'

const identity = { job: 'pgsql', cls: 'pg-main', ins: 'pg-main-1', ip: '10.0.0.1', instance: '10.0.0.1:5432' }

const byDatabase = (...rows: readonly (readonly [string, number | undefined])[]): SampleTable => ({
  metrics: ['pg_x'],
  labelNames: ['datname'],
  rows: rows.map(([datname, value]) => ({ labels: [datname], values: [value] })),
})

describe('a batch', () => {
  test('has the labels of its source on every series, sorted by name', () => {
    const writer = createBatchWriter(identity)
    expect(writer.add(byDatabase(['app', 1]))).toBe(1)
    expect(writer.finish(5_000)).toEqual({
      timestampMs: 5_000,
      series: [
        [
          ...['__name__', 'pg_x', 'cls', 'pg-main', 'datname', 'app', 'ins', 'pg-main-1'],
          ...['instance', '10.0.0.1:5432', 'ip', '10.0.0.1', 'job', 'pgsql'],
        ],
      ],
      values: new Float64Array([1]),
    })
  })

  test('has the same label sets, as objects, each time: nothing is built in a steady state', () => {
    const writer = createBatchWriter(identity)
    writer.add(byDatabase(['a', 1], ['b', 2]))
    const first = writer.finish(1)
    writer.add(byDatabase(['b', 3], ['a', 4]))
    const second = writer.finish(2)
    expect(second.series[1]).toBe(first.series[0])
    expect(second.series[0]).toBe(first.series[1])
  })

  test('keeps the first of two samples of a series, also across tables, and counts the other', () => {
    const writer = createBatchWriter(identity)
    expect(writer.add(byDatabase(['a', 1], ['a', 2], ['b', 3]))).toBe(2)
    const reordered = {
      metrics: ['pg_y', 'pg_x'],
      labelNames: ['datname'],
      rows: [{ labels: ['a'], values: [5, 6] }],
    }
    expect(writer.add(reordered)).toBe(1)
    expect(batchSamples(writer.finish(1))).toEqual({
      'pg_x{datname=a}': 1,
      'pg_x{datname=b}': 3,
      'pg_y{datname=a}': 5,
    })
    expect(writer.duplicates).toBe(2)
  })

  test('leaves an empty label out, and with it tells a series from no other', () => {
    const writer = createBatchWriter(identity)
    writer.add(byDatabase(['', 1]))
    expect(writer.add({ metrics: ['pg_x'], labelNames: [], rows: [{ labels: [], values: [2] }] })).toBe(0)
    expect(batchSamples(writer.finish(1))).toEqual({ pg_x: 1 })
  })

  test('renames a label that the source has already', () => {
    const writer = createBatchWriter(identity)
    writer.add({ metrics: ['pg_x'], labelNames: ['ip'], rows: [{ labels: ['192.0.2.1'], values: [1] }] })
    expect(labelRecord(writer.finish(1).series[0]!)).toMatchObject({
      ip: '10.0.0.1',
      exported_ip: '192.0.2.1',
    })
  })

  test('carries no text that UTF-8 cannot, and no endless one', () => {
    const writer = createBatchWriter(identity)
    writer.add(byDatabase(['a\ud800b', 1], ['x'.repeat(5_000), 2]))
    const values = writer.finish(1).series.map((series) => labelRecord(series)['datname'])
    expect(values).toEqual(['a\ufffdb', 'x'.repeat(1024)])
  })
})

describe('a series that has no sample any more', () => {
  test('gets exactly one stale marker', () => {
    const writer = createBatchWriter(identity)
    writer.add(byDatabase(['a', 1], ['b', 2]))
    writer.finish(1)
    writer.add(byDatabase(['a', 3]))
    expect(batchSamples(writer.finish(2))).toEqual({ 'pg_x{datname=a}': 3, 'pg_x{datname=b}': 'stale' })
    writer.add(byDatabase(['a', 4]))
    expect(batchSamples(writer.finish(3))).toEqual({ 'pg_x{datname=a}': 4 })
  })

  test('because its value became NULL gets one too, and may come back', () => {
    const writer = createBatchWriter(identity)
    const seen = [1, undefined, undefined, 2].map((value, i) => {
      writer.add(byDatabase(['a', value]))
      return batchSamples(writer.finish(i))
    })
    expect(seen).toEqual([
      { 'pg_x{datname=a}': 1 },
      { 'pg_x{datname=a}': 'stale' },
      {},
      { 'pg_x{datname=a}': 2 },
    ])
  })

  test('is told from one whose value is NaN', () => {
    const writer = createBatchWriter(identity)
    writer.add(byDatabase(['a', NaN]))
    expect(batchSamples(writer.finish(1))).toEqual({ 'pg_x{datname=a}': NaN })
  })

  test('is found again long after it was forgotten', () => {
    const writer = createBatchWriter(identity)
    writer.add(byDatabase(['a', 1]))
    writer.finish(0)
    for (let i = 1; i <= 200; i++) {
      writer.add(byDatabase(['b', i]))
      writer.finish(i)
    }
    writer.add(byDatabase(['a', 2], ['a', 3], ['b', 1]))
    expect(batchSamples(writer.finish(201))).toEqual({ 'pg_x{datname=a}': 2, 'pg_x{datname=b}': 1 })
  })

  test('all of them end with an empty batch', () => {
    const writer = createBatchWriter(identity)
    writer.add(byDatabase(['a', 1], ['b', 2]))
    writer.finish(1)
    expect(batchSamples(writer.finish(2))).toEqual({ 'pg_x{datname=a}': 'stale', 'pg_x{datname=b}': 'stale' })
    expect(batchSamples(writer.finish(3))).toEqual({})
  })
})

describe('a result that is used again, the very same table,', () => {
  const told = (
    writer: ReturnType<typeof createBatchWriter>,
    atMs: number,
    tables: readonly SampleTable[],
  ) => {
    writer.begin(atMs)
    for (const table of tables) writer.add(table)
    return batchSamples(writer.finish(atMs))
  }
  const a = { 'pg_x{datname=a}': 1 }

  test('is told once a minute; its series go on in between', () => {
    const writer = createBatchWriter(identity)
    const kept = byDatabase(['a', 1])
    const seen = [0, 10_000, 50_000, 60_000, 70_000].map((atMs) => told(writer, atMs, [kept]))
    expect(seen).toEqual([a, {}, {}, a, {}])
  })

  test('counts as there, told or not', () => {
    const writer = createBatchWriter(identity)
    const kept = byDatabase(['a', 1], ['b', 2])
    told(writer, 0, [kept])
    writer.begin(10_000)
    expect(writer.add(kept)).toBe(2)
  })

  test('ends its series when it is not there any more', () => {
    const writer = createBatchWriter(identity)
    const kept = byDatabase(['a', 1])
    told(writer, 0, [kept])
    told(writer, 10_000, [kept])
    expect(told(writer, 20_000, [])).toEqual({ 'pg_x{datname=a}': 'stale' })
    expect(told(writer, 30_000, [])).toEqual({})
  })

  test('is told at once after its series had ended', () => {
    const writer = createBatchWriter(identity)
    const kept = byDatabase(['a', 1])
    told(writer, 0, [kept])
    told(writer, 10_000, [])
    expect(told(writer, 20_000, [kept])).toEqual(a)
  })

  test('is told when the clock was set back', () => {
    const writer = createBatchWriter(identity)
    const kept = byDatabase(['a', 1])
    told(writer, 100_000, [kept])
    expect(told(writer, 50_000, [kept])).toEqual(a)
  })

  test('is told again at once while some of it was refused', () => {
    const budget = createSeriesBudget(1)
    const writer = createBatchWriter(identity, budget)
    const kept = byDatabase(['a', 1], ['b', 2])
    expect(told(writer, 0, [kept])).toEqual(a)
    expect(told(writer, 10_000, [kept])).toEqual(a)
    budget.give(1)
    expect(told(writer, 20_000, [kept])).toEqual({ ...a, 'pg_x{datname=b}': 2 })
    expect(told(writer, 30_000, [kept])).toEqual({})
  })

  test('gives way to a new one of the same series', () => {
    const writer = createBatchWriter(identity)
    told(writer, 0, [byDatabase(['a', 1])])
    expect(told(writer, 10_000, [byDatabase(['a', 7])])).toEqual({ 'pg_x{datname=a}': 7 })
  })
})
