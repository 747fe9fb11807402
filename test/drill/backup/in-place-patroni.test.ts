import { expect, test } from 'vitest'
import { letsWrite } from '../../../testbed/ha/cluster-view.ts'
import { readCluster } from '../../../testbed/ha/patroni-api.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { loseLedger, startPatroniHerd } from './patroni-herd.ts'

test('with Patroni a dropped table comes back, the replicas stream on the new timeline, and clients write through HAProxy', async () => {
  await using herd = await startPatroniHerd({ scope: 'ha-in-place' })
  const { cluster, explain } = herd
  const leader = await herd.leader()
  const before = await loseLedger(herd, leader)
  const out = await herd.succeed(leader, 'restore', '--in-place', '--to', before, '--yes')
  expect(out.match(/was rebuilt in/g)).toHaveLength(2)
  expect((await leader.query('select from ledger')).length).toBe(1000)
  const members = await readCluster(leader.patroniUrl)
  expect(new Set(members?.map(({ timeline }) => timeline)).size).toBe(1)
  await waitFor('two replicas stream', async () => {
    const streaming = await leader.query(`select from pg_stat_replication where state = 'streaming'`)
    return streaming.length === 2
  })
  await waitFor('clients to write through HAProxy', () => letsWrite(cluster.haproxy), { explain })
}, 300_000)
