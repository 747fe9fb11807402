import { expect, test } from 'vitest'
import { indexFigures } from '../../../../agent/actions/indexes/index-figures.ts'
import type { LedgerRecord } from '../../../../agent/actions/indexes/ledger-record.ts'

const at = 1_000_000
const of = (kind: LedgerRecord['kind'], id: string, rest: object): LedgerRecord =>
  ({ kind, id, server: 'pg-main-1', ...rest }) as LedgerRecord

function figures(records: readonly LedgerRecord[], busy: readonly string[] = []) {
  const all = indexFigures({
    ledger: {
      servers: ['pg-main-1', 'pg-damaged-1'],
      of: (server) => {
        if (server !== 'pg-main-1') throw new Error('damaged')
        return records
      },
      put: () => Promise.reject(new Error('not expected')),
      note: () => Promise.reject(new Error('not expected')),
      hold: () => undefined,
    },
    clock: { now: () => at, monotonic: () => 0, sleep: () => Promise.resolve() },
    busy: new Set(busy),
  })
  return Object.fromEntries(all.map((one) => [one.name, one.read()]))
}

test('nothing that goes on is 0 of everything', () => {
  expect(
    figures([of('trial', 'a', { state: 'over', untilMs: 1 }), of('drop', 'b', { state: 'dropped' })]),
  ).toEqual({
    pgherd_index_trials: 0,
    pgherd_index_trial_overdue_seconds: 0,
    pgherd_index_unfinished: 0,
  })
})

test('the trial that is longest over its time counts, and what a command works on is not left', () => {
  const records = [
    of('trial', 'a', { state: 'running', untilMs: at + 60_000 }),
    of('trial', 'b', { state: 'ending', untilMs: at - 420_000 }),
    of('drop', 'c', { state: 'dropping' }),
    of('reindex', 'd', { state: 'building' }),
  ]
  expect(figures(records, ['d'])).toEqual({
    pgherd_index_trials: 2,
    pgherd_index_trial_overdue_seconds: 420,
    pgherd_index_unfinished: 1,
  })
})
