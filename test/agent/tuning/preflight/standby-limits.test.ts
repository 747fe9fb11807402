import { describe, expect, test } from 'vitest'
import {
  belowPrimary,
  memberOrder,
  primarySettingsIn,
} from '../../../../agent/tuning/preflight/standby-limits.ts'

test('what pg_controldata of a standby prints of its primary is read', () => {
  const printed = [
    'pg_control version number:            1300',
    'wal_level setting:                    replica',
    'max_connections setting:              100',
    'max_worker_processes setting:         8',
    'max_wal_senders setting:              10',
    'max_prepared_xacts setting:           0',
    'max_locks_per_xact setting:           64',
    'track_commit_timestamp setting:       off',
  ].join('\n')
  expect([...primarySettingsIn(printed)]).toEqual([
    ['max_connections', 100],
    ['max_worker_processes', 8],
    ['max_wal_senders', 10],
    ['max_prepared_transactions', 0],
    ['max_locks_per_transaction', 64],
  ])
  expect(primarySettingsIn('').size).toBe(0)
})

describe('a standby', () => {
  const primary = new Map([
    ['max_connections', 100],
    ['max_wal_senders', 10],
  ])
  test('starts with as much as its primary has, or more, or where nobody knows', () => {
    expect(belowPrimary(new Map([['max_connections', 100]]), primary)).toEqual([])
    expect(belowPrimary(new Map([['max_connections', 101]]), primary)).toEqual([])
    expect(belowPrimary(new Map([['max_connections', 1]]), new Map())).toEqual([])
  })
  test('does not with less, and each setting is named', () => {
    const own = new Map([
      ['max_connections', 99],
      ['max_wal_senders', 9],
    ])
    expect(belowPrimary(own, primary)).toMatchObject(
      [/max_connections 99/, /max_wal_senders 9/].map((one) => expect.stringMatching(one) as string),
    )
  })
})

describe('the order of members', () => {
  const change = (name: string, was: string | null, wanted: string) => ({ name, was, wanted })
  test('is standbys first where a limit rises, and the primary first where one falls', () => {
    expect(
      memberOrder([
        change('max_connections', '100', '200'),
        change('max_wal_senders', '10', '5'),
        change('max_worker_processes', '8', '16'),
      ]),
    ).toEqual([
      expect.stringMatching(/^max_connections and max_worker_processes: rises.* the standbys with it first/),
      expect.stringMatching(/^max_wal_senders: falls.* the primary with it first/),
    ])
  })
  test('does not matter for other settings, nor where nobody knows what was', () => {
    expect(memberOrder([change('shared_buffers', '1', '2'), change('max_connections', null, '200')])).toEqual(
      [],
    )
  })
})
