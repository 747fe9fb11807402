import { expect, test } from 'vitest'
import { commonWaits } from '../../../../../agent/tuning/rules/connections/common-waits.ts'
import { saidBy, silent } from '../made-up.ts'

const said = (gauge: string, waiting: number, active = 10) =>
  saidBy(commonWaits, { gauges: { 'activity.active': active, [`activity.${gauge}`]: waiting } })

test.each([
  ['wait_sync_rep', 'IPC:SyncRep'],
  ['wait_proc_array', 'LWLock:ProcArray'],
  ['wait_xid_gen', 'LWLock:XidGen'],
  ['wait_wal_insert', 'LWLock:WALInsert'],
  ['wait_buffer_mapping', 'LWLock:BufferMapping'],
])('%s of more than 10 %% of the sessions at work is told, and nothing is to be set', (gauge, event) => {
  expect(said(gauge, 1)).toEqual(silent)
  const { values, notes } = said(gauge, 1.2)
  expect(values).toEqual({})
  expect(notes).toEqual([expect.stringContaining(`12 % of the sessions at work wait for ${event}: `)])
})

test('with less than one session at work nothing is told', () => {
  expect(said('wait_sync_rep', 0.9, 0.9)).toEqual(silent)
})
