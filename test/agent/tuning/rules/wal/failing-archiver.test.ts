import { expect, test } from 'vitest'
import { failingArchiver } from '../../../../../agent/tuning/rules/wal/failing-archiver.ts'
import { saidBy, silent } from '../made-up.ts'
import type { MadeUp } from '../made-up.ts'

const said = (counters: MadeUp['counters'], gauges: MadeUp['gauges']) =>
  saidBy(failingArchiver, { counters: counters ?? {}, gauges: gauges ?? {} })

test('archiving that fails and has not worked since is told', () => {
  const { values, notes } = said(
    { 'archiver.failed': 3 },
    { 'archiver.is_failing': 1, 'archive_status.ready': 7 },
  )
  expect(values).toEqual({})
  expect(notes).toEqual([
    expect.stringContaining('archiving has failed 3 times and has not worked since, and 7 segments wait'),
  ])
})

test('one failure that was made good is nothing', () => {
  expect(said({ 'archiver.failed': 3 }, { 'archiver.is_failing': 0, 'archive_status.ready': 1 })).toEqual(
    silent,
  )
})

test('a failure of long ago, when nothing was to be archived since, is nothing', () => {
  expect(said({ 'archiver.failed': 0 }, { 'archiver.is_failing': 1 })).toEqual(silent)
})

test('more than 10 segments that wait are told while they get more', () => {
  const growing = (last: number, mean: number) => said({}, { 'archive_status.ready': { mean, last } })
  expect(growing(11, 5).notes).toEqual([
    expect.stringContaining('11 segments wait for the archiver, more than the 5 that there were on average'),
  ])
  expect(growing(10, 5)).toEqual(silent)
  expect(growing(11, 30)).toEqual(silent)
})
