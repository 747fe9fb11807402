import { expect, test } from 'vitest'
import { changeFigures } from '../../../../agent/tuning/change/change-figures.ts'
import { tellChange } from '../../../../agent/tuning/change/change-record.ts'
import { busyWith } from '../../../../agent/tuning/change/apply-change.ts'
import { againstRollback } from '../../../../agent/tuning/change/roll-back-by-hand.ts'
import { linesByHand } from '../../../../agent/tuning/change/roll-back.ts'
import { wantedOf } from '../../../../agent/tuning/change/wanted-of.ts'
import { madeUpChange } from './made-up-change.ts'

test('what a person reads of a change has values as PostgreSQL prints them', () => {
  expect(tellChange(madeUpChange({ untilMs: 5_000 }))).toMatchObject({
    untilMs: null,
    settings: [
      { name: 'work_mem', before: '4MB', after: '8MB' },
      { name: 'shared_buffers', before: '128MB', after: '512MB' },
    ],
  })
  expect(tellChange(madeUpChange({ state: 'watching', untilMs: 5_000 })).untilMs).toBe(5_000)
})

test('the lines to change by hand are those that a restart brings, as they are in the file', () => {
  expect(linesByHand(madeUpChange())).toBe(
    "in /data/postgresql.auto.conf: in the line of shared_buffers, which has 65536, write '16384' again; then start it",
  )
  const keeper = madeUpChange({ scope: 'main', noted: { ...madeUpChange().noted, by: 'keeper' } })
  expect(linesByHand(keeper)).toBe(
    'put back in the configuration of Patroni (patronictl edit-config): shared_buffers: "16384"',
  )
})

test('a change is taken back by hand unless it is already, or a later one has set the same', () => {
  const against = (...changes: ReturnType<typeof madeUpChange>[]) =>
    againstRollback(
      {
        journal: { of: () => changes } as never,
      } as never,
      changes[0]!,
    )
  expect(against(madeUpChange())).toEqual([])
  expect(against(madeUpChange({ state: 'rolled-back' }))).toEqual(['the change one was taken back already'])
  expect(against(madeUpChange(), madeUpChange({ id: 'two' }))).toEqual([
    'the later change two has set work_mem and shared_buffers since: take that one back first',
  ])
  expect(against(madeUpChange(), madeUpChange({ id: 'two', state: 'rolled-back' }))).toEqual([])
})

test('one that is watched keeps off every other, one that waits for a restart those of the same settings', () => {
  const request = (name: string) => ({
    request: { known: new Map(), refusals: [], wanted: [{ name, value: '1', isMetBy: () => false }] },
  })
  const watched = madeUpChange({ state: 'watching', untilMs: 0 })
  expect(busyWith([watched], request('jit'))).toEqual([
    'the change one is watching until 1970-01-01T00:00:00Z: one at a time, or nobody would know which of them made a difference',
  ])
  const waiting = madeUpChange({ state: 'waits-for-restart' })
  expect(busyWith([waiting], request('jit'))).toEqual([])
  expect(busyWith([waiting], request('work_mem'))).toHaveLength(1)
})

test('what the server computes by itself counts as the value that asks it to', () => {
  const buffers = {
    ...{ name: 'wal_buffers', value: '2048', vartype: 'integer', unit: '8kB', context: 'postmaster' },
    ...{ min: '-1', max: '262143', enumValues: null, boot: '-1', waitsForRestart: false },
  }
  expect(wantedOf({ ...buffers, source: 'override' }, '-1').shownAs).toBe('2048')
  expect(wantedOf({ ...buffers, source: 'configuration file' }, '-1').shownAs).toBeUndefined()
  const compression = { ...buffers, name: 'wal_compression', vartype: 'enum', source: 'default' }
  expect(wantedOf(compression, 'on').isMetBy('pglz')).toBe(true)
  expect(wantedOf(compression, 'on').isMetBy('lz4')).toBe(false)
})

test('figures tell the state of the newest change of each server', () => {
  const journal = {
    servers: ['pg-test-1'],
    of: () => [madeUpChange(), madeUpChange({ id: 'two', state: 'watching', untilMs: 9_000 })],
  }
  const counts = { kept: 3, rolledBack: 2, leftAlone: 1 }
  const figures = new Map(
    changeFigures({ journal: journal as never, counts }).map((one) => [one.name, one.read()]),
  )
  expect(figures.get('pgherd_tuning_change_state')).toEqual([
    { labels: { server: 'pg-test-1', state: 'watching' }, value: 1 },
  ])
  expect(figures.get('pgherd_tuning_guard_until_timestamp_seconds')).toEqual([
    { labels: { server: 'pg-test-1' }, value: 9 },
  ])
  expect(figures.get('pgherd_tuning_changes_total')).toEqual({ kept: 3, 'rolled-back': 2, 'left-alone': 1 })
})
