import { expect, test } from 'vitest'
import type { ChangeRecord } from '../../../../agent/tuning/change/change-record.ts'
import { findChange } from '../../../../agent/tuning/change/roll-back-by-hand.ts'

const change = (id: string, state: ChangeRecord['state']): ChangeRecord => ({
  ...{ id, server: 'pg-test-1', state, startedMs: 0, finishedMs: 0, message: '', scope: null, settings: [] },
  noted: { by: 'alter-system', changes: [] },
  ...{ othersHash: '', autoConf: null, serverStartMs: 0, guard: { windowMs: 0, bound: 0.2 }, baseline: null },
  ...{ usual: {}, untilMs: null, sinceSample: null, readings: [] },
})

const known = [
  change('728de251-0000', 'kept'),
  change('728d0000-0000', 'kept'),
  change('acb86998-0000', 'rolled-back'),
  change('change-10', 'rolled-back'),
  change('change-1', 'rolled-back'),
]
const found = (id?: string) =>
  findChange(
    {
      journal: {
        servers: ['pg-test-1'],
        of: () => known,
        put: () => Promise.resolve(),
        note: () => Promise.resolve(),
        hold: () => undefined,
      },
    },
    'pg-test-1',
    id,
  ).id

test('the newest that is not taken back is meant where none is named', () => {
  expect(found()).toBe('728d0000-0000')
})

test.each(['728de251-0000', '728de251', '728DE'])('%s is the change whose id begins so', (id) => {
  expect(found(id)).toBe('728de251-0000')
})

test('a whole id is that change, also where that of another one begins so', () => {
  expect(found('change-1')).toBe('change-1')
})

test('what several begin with is none of them', () => {
  expect(() => found('728d')).toThrow(
    'the ids of several changes begin with 728d: 728de251-0000, 728d0000-0000. Nothing was changed.',
  )
})

test('what none begins with is told with those that there are', () => {
  expect(() => found('beef')).toThrow('pg-test-1 has no change beef; the last ones are 728de251-0000')
})
