import { expect, test } from 'vitest'
import { sharedBuffersByMisses } from '../../../../../agent/tuning/rules/memory/shared-buffers-by-misses.ts'
import { GB } from '../../recommend/some-machine.ts'
import { saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

/** 98 % are found, each read takes 1 ms, and the 4 GB are exchanged once and a half an hour. */
const pressed = {
  'database.blks_hit': 98_000_000,
  'database.blks_read': 2_000_000,
  'database.blk_read_time': 2_000_000,
  'buffers.taken': (24 * 1.5 * 4 * GB) / 8192,
}
const said = (of: MadeUp = {}) =>
  saidBy(sharedBuffersByMisses, {
    ...of,
    counters: { ...pressed, ...of.counters },
    settings: { shared_buffers: '4GB', ...of.settings },
  })

test('pages that leave too soon ask for a quarter more', () => {
  const { values, reasons } = said()
  expect(values).toEqual({ shared_buffers: '5GB' })
  expect(reasons[0]).toBe(
    '98.0 % of the pages are found in shared_buffers (99 % is usual), and all of its 4GB is exchanged 1.5 times an hour; each of 2000000 reads took 1.00ms',
  )
})

test('99 % found are enough, and 90 % for large queries', () => {
  expect(said({ counters: { 'database.blks_hit': 198_000_000 } })).toEqual(silent)
  expect(said({ profile: 'olap' })).toEqual(silent)
  expect(said({ profile: 'olap', counters: { 'database.blks_hit': 17_900_000 } }).values).toEqual({
    shared_buffers: '5GB',
  })
})

test('reads that the kernel answers cost too little', () => {
  expect(said({ counters: { 'database.blk_read_time': 1_000_000 } })).toEqual(silent)
  expect(said({ counters: { 'database.blk_read_time': 1_000_001 } })).not.toEqual(silent)
})

test('a cache that is not exchanged within an hour is large enough, unless what it holds is used all the time', () => {
  const calm = { 'buffers.taken': (24 * 1 * 4 * GB) / 8192 }
  expect(said({ counters: calm })).toEqual(silent)
  expect(said({ counters: calm, details: { bufferUsage: { hotShare: 0.59 } } })).toEqual(silent)
  expect(said({ counters: calm, details: { bufferUsage: { hotShare: 0.6 } } }).reasons[0]).toContain(
    '60 % of what is there is used again and again',
  )
})

test('40 % of the memory, and a tenth more than the data, are the most', () => {
  expect(said({ settings: { shared_buffers: '6GB' }, counters: { 'buffers.taken': 1e9 } }).values).toEqual({
    shared_buffers: '6528MB',
  })
  const most = said({ settings: { shared_buffers: '6528MB' }, counters: { 'buffers.taken': 1e9 } })
  expect(most).toMatchObject({ values: {}, notes: [expect.stringContaining('40 % of the memory')] })
  const ofData = said({ databaseBytes: 3 * GB })
  expect(ofData).toMatchObject({ values: {}, notes: [expect.stringContaining('the data')] })
})

test('the first hour, or a memory that does not hold it, gives nothing', () => {
  expect(said({ hoursSinceStart: 0.5 })).toEqual(silent)
  const full = said({ settings: { max_connections: '2000', shared_buffers: '4GB' } })
  expect(full).toMatchObject({ values: {}, notes: [expect.stringContaining('stays 4GB')] })
})

test('from 8GB on huge pages come first', () => {
  const { notes } = said({
    machine: { memoryBytes: 64 * GB },
    settings: { shared_buffers: '8GB' },
    counters: { 'buffers.taken': 1e9 },
  })
  expect(notes[0]).toContain('vm.nr_hugepages')
})
