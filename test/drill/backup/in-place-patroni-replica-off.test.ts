import { expect, test } from 'vitest'
import { killPatroni } from '../../../testbed/ha/faults.ts'
import { loseLedger, startPatroniHerd } from './patroni-herd.ts'

test('a replica that cannot be rebuilt is named with what to do; the other one is rebuilt, and the restored server goes on', async () => {
  await using herd = await startPatroniHerd({ scope: 'ha-replica-off' })
  const leader = await herd.leader()
  const [off, other] = herd.cluster.members.filter((member) => member !== leader)
  const before = await loseLedger(herd, leader)
  const hold = herd.holdOf(leader)
  hold.arm(/^rm \S+\.restored-\S+\.tablespaces$/)
  const asked = herd.backup(leader, 'restore', '--in-place', '--to', before, '--yes')
  await hold.reached({ explain: herd.explain })
  await killPatroni(off!)
  hold.release()
  const { status, stdout, stderr } = await asked
  const said = `${stdout}${stderr}`
  expect(status, said).toBe(1)
  expect(said).toContain(`${off!.name} was not rebuilt: `)
  expect(said).toContain(`${other!.name} was rebuilt in`)
  expect(said).toContain(`the restored server runs on ${leader.dataDirectory}`)
  expect(said).toContain('agentctl run patroni-reinitialize')
  expect((await leader.query('select from ledger')).length).toBe(1000)
  const streaming = await leader.query<{ name: string }>(
    `select application_name as name from pg_stat_replication where state = 'streaming'`,
  )
  expect(streaming.map(({ name }) => name)).toEqual([other!.name])
}, 300_000)
