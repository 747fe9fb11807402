import { describe, expect, test } from 'vitest'
import { bitmapReadAhead } from '../../../../../agent/tuning/rules/io/bitmap-read-ahead.ts'
import { diskClass } from '../../../../../agent/tuning/rules/io/disk-class.ts'
import { ioMethod } from '../../../../../agent/tuning/rules/io/io-method.ts'
import { ioTiming } from '../../../../../agent/tuning/rules/io/io-timing.ts'
import { ioWorkersByUse } from '../../../../../agent/tuning/rules/io/io-workers.ts'
import { readAhead } from '../../../../../agent/tuning/rules/io/read-ahead.ts'
import { saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

type Numbers = Readonly<Record<string, number>>

describe('I1', () => {
  const reads = (ms: number, machine: MadeUp['machine']) =>
    saidBy(diskClass, {
      machine: machine ?? {},
      counters: { 'io.reads': 10_000, 'io.read_ms': 10_000 * ms },
    })

  test('reads that take what another disk takes are told', () => {
    expect(reads(3, { diskClass: 'nvme' }).notes).toEqual([
      expect.stringMatching(
        /^10 thousand reads took 3\.00 ms each .* as a disk behind a slow network does, while this advice is for nvme; say --disk san /,
      ),
    ])
    expect(reads(3, { diskClass: 'san' })).toEqual(silent)
  })

  test('reads that the page cache answers say nothing of a disk', () => {
    expect(reads(0.05, { diskClass: 'hdd' })).toEqual(silent)
  })
})

describe('I2', () => {
  const workers = (gauges: Numbers, of: MadeUp = {}) =>
    saidBy(ioWorkersByUse, {
      major: 18,
      machine: { processors: 8 },
      ...of,
      gauges: { 'io_workers.saturated': 0.9, 'io_workers.waiting': 2, 'host.disk_busy': 0.5, ...gauges },
    })

  test('workers that are all busy while sessions wait are half as many again', () => {
    expect(workers({}).values).toEqual({ io_workers: '5' })
    expect(workers({ 'io_workers.saturated': 0.89 })).toEqual(silent)
    expect(workers({ 'io_workers.waiting': 0 })).toEqual(silent)
    expect(workers({}, { hoursSinceStart: 0.5 })).toEqual(silent)
    expect(workers({}, { major: 17 })).toEqual(silent)
  })

  test('not beyond the processors, and not while these are busy', () => {
    expect(workers({}, { settings: { io_workers: '8' } })).toMatchObject({
      values: {},
      notes: [expect.stringContaining('8 processors have no room for more')],
    })
    expect(workers({ 'host.cpu_busy': 0.8 })).toMatchObject({
      values: {},
      notes: [expect.stringContaining('processors are 80 % busy')],
    })
  })

  test('nor for data that are in memory', () => {
    expect(workers({ 'host.disk_busy': 0.09 })).toEqual(silent)
  })
})

describe('I5', () => {
  const method = (gauges: Numbers, of: MadeUp = {}) =>
    saidBy(ioMethod, {
      major: 18,
      ...of,
      gauges: { 'io_workers.saturated': 0.5, 'host.disk_busy': 0.05, ...gauges },
    })

  test('workers that are hot while the disk is idle have another method offered', () => {
    expect(method({})).toMatchObject({
      values: {},
      notes: [expect.stringContaining('io_method = sync may be quicker')],
    })
    expect(method({ 'io_workers.saturated': 0.49 })).toEqual(silent)
    expect(method({ 'io_workers.saturated': 0.2, 'io_workers.waiting': 1 }).notes).toHaveLength(1)
    expect(method({ 'io_workers.saturated': 0.2, 'io_workers.waiting': 0.9 })).toEqual(silent)
    expect(method({ 'host.disk_busy': 0.1 })).toEqual(silent)
    expect(method({}, { settings: { io_method: 'sync' } })).toEqual(silent)
  })

  test('how long reads take says so where the disk cannot be seen', () => {
    const bulk = (ms: number) =>
      saidBy(ioMethod, {
        major: 18,
        gauges: { 'io_workers.saturated': 0.9 },
        counters: { 'io.bulk_reads': 1_000, 'io.bulk_read_ms': 1_000 * ms },
      })
    expect(bulk(0.09).notes).toHaveLength(1)
    expect(bulk(0.1)).toEqual(silent)
  })
})

describe('I3', () => {
  const scans = (counters: Numbers, queue = 3, of: MadeUp = {}) =>
    saidBy(readAhead, { major: 18, ...of, counters, gauges: { 'host.disk_queue': queue } })
  const slow = { 'io.bulk_reads': 10_000, 'io.bulk_read_ms': 10_001 }

  test('scans that wait for a disk with few requests read ahead by twice as many', () => {
    expect(scans(slow).values).toEqual({ effective_io_concurrency: '32' })
    expect(scans({ 'io.vacuum_reads': 10_000, 'io.vacuum_read_ms': 20_000 }).values).toEqual({
      maintenance_io_concurrency: '32',
    })
  })

  test('not beyond what a process may have under way', () => {
    const settings = { effective_io_concurrency: '40', io_max_concurrency: '64' }
    expect(scans(slow, 3, { settings }).values).toEqual({ effective_io_concurrency: '64' })
    expect(scans(slow, 3, { settings: { ...settings, effective_io_concurrency: '64' } })).toEqual(silent)
  })

  test('not where reads are quick or few, the disk has many, or nobody knows', () => {
    expect(scans({ ...slow, 'io.bulk_read_ms': 10_000 })).toEqual(silent)
    expect(scans({ ...slow, 'io.bulk_reads': 9_999 })).toEqual(silent)
    expect(scans(slow, 4)).toEqual(silent)
    expect(scans(slow, 3, { major: 17 })).toEqual(silent)
    expect(saidBy(readAhead, { major: 18, counters: slow })).toEqual(silent)
  })
})

describe('I4', () => {
  const bitmaps = (ms: number, rows: number, of: MadeUp = {}) =>
    saidBy(bitmapReadAhead, {
      machine: { diskClass: 'ssd' },
      ...of,
      counters: { 'io.reads': 10_000, 'io.read_ms': 10_000 * ms },
      details: { bitmapScans: [{ table: 'public.orders', rows, pagesRead: 1_000 }] },
    })

  test('bitmap heap scans that wait for a disk read ahead as that disk can', () => {
    expect(bitmaps(0.51, 10_000).values).toEqual({ effective_io_concurrency: '100' })
    expect(bitmaps(0.5, 10_000)).toEqual(silent)
    expect(bitmaps(0.51, 9_999)).toEqual(silent)
  })

  test('not where that is so already, and not since 18', () => {
    expect(bitmaps(1, 10_000, { settings: { effective_io_concurrency: '100' } })).toEqual(silent)
    expect(bitmaps(1, 10_000, { major: 18, settings: { effective_io_concurrency: '1' } })).toEqual(silent)
  })
})

describe('O1', () => {
  const timing = (value: 'on' | 'off', clockSource: string | null) =>
    saidBy(ioTiming, { settings: { track_io_timing: value }, host: { clockSource } }).values

  test('reads are timed by a quick clock, or one that nobody knows', () => {
    expect(timing('off', 'tsc')).toEqual({ track_io_timing: 'on' })
    expect(timing('off', null)).toEqual({ track_io_timing: 'on' })
    expect(timing('on', 'kvm-clock')).toEqual({})
  })

  test.each(['hpet', 'acpi_pm', 'xen'])('they are not by %s', (clock) => {
    expect(timing('on', clock)).toEqual({ track_io_timing: 'off' })
    expect(timing('off', clock)).toEqual({})
  })
})
