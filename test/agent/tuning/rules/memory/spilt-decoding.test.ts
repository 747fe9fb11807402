import { expect, test } from 'vitest'
import { spiltDecoding } from '../../../../../agent/tuning/rules/memory/spilt-decoding.ts'
import { GB } from '../../recommend/some-machine.ts'
import { saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

const spilt = (bytesPerHour: number, transactions = 200) => ({
  'decoding.spill_bytes': 24 * bytesPerHour,
  'decoding.spill_txns': transactions,
})
const said = (of: MadeUp = {}) =>
  saidBy(spiltDecoding, { counters: spilt(1.1 * GB), gauges: { 'decoding.active': 2 }, ...of })

test('more than 1 GB an hour asks for the double', () => {
  expect(said({ counters: spilt(GB) })).toEqual(silent)
  const { values, reasons } = said()
  expect(values).toEqual({ logical_decoding_work_mem: '128MB' })
  expect(reasons[0]).toBe(
    'logical decoding writes 1.1GB an hour to disk, of transactions of 135.2MB in the mean, with logical_decoding_work_mem 64MB',
  )
})

test('transactions of more than 1 GB are better sent before they end', () => {
  const { values, notes } = said({ counters: spilt(2 * GB, 24) })
  expect(values).toEqual({})
  expect(notes[0]).toContain('streaming = parallel')
  expect(said({ major: 15, counters: spilt(2 * GB, 24) }).notes[0]).toContain('streaming = on')
})

test('1GB is the most', () => {
  const at = (size: string) => said({ settings: { logical_decoding_work_mem: size } })
  expect(at('768MB').values).toEqual({ logical_decoding_work_mem: '1GB' })
  expect(at('1GB').values).toEqual({})
})

test('it is counted for each process that decodes', () => {
  const many = said({ gauges: { 'decoding.active': 200 }, settings: { logical_decoding_work_mem: '128MB' } })
  expect(many.values).toEqual({})
  expect(many.notes[0]).toMatch(/would be \d+ % of 16GB/)
})

test('the first hour says nothing', () => {
  expect(said({ hoursSinceStart: 0.5 })).toEqual(silent)
})
