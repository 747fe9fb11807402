import { expect, test } from 'vitest'
import {
  clusterAnswer,
  configAnswer,
  historyAnswer,
  nodeAnswer,
} from '../../../agent/health/patroni-answers.ts'

test('a configuration that says little leaves the rest unknown', () => {
  expect(configAnswer.parse({ ttl: 30, loop_wait: 10, maximum_lag_on_failover: 1_048_576 })).toEqual({
    ttlSeconds: 30,
    loopWaitSeconds: 10,
    retryTimeoutSeconds: null,
    maximumLagOnFailoverBytes: 1_048_576,
    primaryStartTimeoutSeconds: null,
    synchronousMode: null,
    synchronousModeStrict: null,
    failsafeMode: null,
    isStandbyCluster: false,
  })
})

test.each([
  [true, 'on'],
  ['on', 'on'],
  [false, 'off'],
  ['quorum', 'quorum'],
  [null, null],
  [{ no: 'mode' }, null],
])('synchronous_mode %j is %j', (given, mode) => {
  expect(configAnswer.parse({ synchronous_mode: given }).synchronousMode).toBe(mode)
})

test('master_start_timeout of older versions is the primary_start_timeout', () => {
  expect(configAnswer.parse({ master_start_timeout: 7 }).primaryStartTimeoutSeconds).toBe(7)
})

test('a lag that Patroni does not know is not known here, and never 0', () => {
  const member = { name: 'a', role: 'replica', state: 'streaming', host: '10.0.0.1', port: 5432 }
  const { members } = clusterAnswer.parse({
    members: [{ ...member, lag: 'unknown' }, { ...member, lag: 0 }, { ...member }],
  })
  expect(members.map(({ lagBytes }) => lagBytes)).toEqual([null, 0, null])
})

test('entries of the history without a time and a leader, as old versions write them, have none', () => {
  expect(historyAnswer.parse([[1, 25_623_960, 'no recovery target specified'], 'nonsense'])).toEqual([
    { timeline: 1, position: 25_623_960, reason: 'no recovery target specified', at: null, newLeader: null },
  ])
})

test('the newest of a long history are kept', () => {
  const long = Array.from({ length: 100 }, (_, i) => [i + 1, i, 'switch', '2026-01-01T00:00:00Z', 'a'])
  const kept = historyAnswer.parse(long)
  expect([kept.length, kept.at(-1)?.timeline]).toEqual([32, 100])
})

test('what a Patroni that answers before its server is known leaves out is unknown', () => {
  const { role, timeline, pause, patroni } = nodeAnswer.parse({ state: 'unknown' })
  expect([role, timeline, pause, patroni.name]).toEqual([null, null, false, null])
})
