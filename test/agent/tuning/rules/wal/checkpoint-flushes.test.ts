import { expect, test } from 'vitest'
import { checkpointFlushes } from '../../../../../agent/tuning/rules/wal/checkpoint-flushes.ts'
import { saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

const counted = (syncMs: number, writeMs: number, checkpoints = 10): MadeUp => ({
  counters: {
    'checkpoints.timed': checkpoints,
    'checkpoints.requested': 0,
    'checkpoints.sync_ms': syncMs,
    'checkpoints.write_ms': writeMs,
  },
})
const said = (of: MadeUp) => saidBy(checkpointFlushes, of)

test('a checkpoint that flushes for more than 5 s asks the kernel for more at once', () => {
  const { values, notes, reasons } = said(counted(51_000, 2_700_000))
  expect(values).toEqual({ checkpoint_flush_after: '512kB' })
  expect(reasons[0]).toContain('flushes for 5.1 s at its end (of 10), 2 % of the time of its writing')
  expect(notes).toEqual([expect.stringContaining('vm.dirty_background_bytes')])
  expect(said(counted(50_000, 2_700_000))).toEqual(silent)
})

test('so does one that flushes for a fifth of its writing, where that can be noticed', () => {
  expect(said(counted(11_000, 54_000)).values).toEqual({ checkpoint_flush_after: '512kB' })
  expect(said(counted(11_000, 55_000))).toEqual(silent)
  expect(said(counted(9_000, 10_000))).toEqual(silent)
})

test('1MB is the most; and where somebody has left it to the kernel, it stays there', () => {
  const slow = counted(60_000, 60_000)
  expect(said({ ...slow, settings: { checkpoint_flush_after: '512kB' } }).values).toEqual({
    checkpoint_flush_after: '1MB',
  })
  for (const value of ['1MB', '0']) {
    const { values, notes } = said({ ...slow, settings: { checkpoint_flush_after: value } })
    expect(values).toEqual({})
    expect(notes).toHaveLength(1)
  }
})

test('the kernel of a container belongs to somebody else', () => {
  expect(said({ ...counted(60_000, 60_000), host: { isContainer: true } }).notes).toEqual([])
})

test('9 checkpoints, or the first hour, say nothing', () => {
  expect(said(counted(60_000, 60_000, 9))).toEqual(silent)
  expect(said({ ...counted(60_000, 60_000), hoursSinceStart: 0.5 })).toEqual(silent)
})
