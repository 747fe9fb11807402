import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startHaCluster } from '../../../testbed/ha/cluster.ts'
import type { HaCluster } from '../../../testbed/ha/cluster.ts'
import { holdReceiver, loseQuorum, holdReplay } from '../../../testbed/ha/faults.ts'
import type { Member } from '../../../testbed/ha/member.ts'
import { readCluster } from '../../../testbed/ha/patroni-api.ts'
import { tagMember } from '../../../testbed/ha/patroni-file.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { operationsOf } from './operations-of.ts'
import type { Operations } from './operations-of.ts'

/** What speaks against a change of the leader is said before anything is done; what is done with force is Patroni's answer. */

let cluster: HaCluster
let primary: Member
let standby: Member
let operations: Operations
beforeAll(async () => {
  cluster = await startHaCluster({ synchronousMode: false, route: 'postgres' })
})
beforeEach(async () => {
  primary = await cluster.waitUntilHealthy()
  standby = cluster.members.find((member) => member !== primary)!
  operations = operationsOf(primary, {
    configFile: primary.patroniFile,
    etcd: [{ url: `http://${primary.address}:2379` }],
  })
})
afterAll(async () => {
  await cluster[Symbol.asyncDispose]()
})

const refusalWith = (text: string) => ({
  code: 'REFUSED',
  message: expect.stringContaining(text) as string,
})
const leaderNow = async () =>
  (await readCluster(primary.patroniUrl))?.find(({ role }) => role === 'leader')?.name
/** Until the plan says so, for Patroni tells of a change in its next cycle. */
const untilPlanned = (args: object, text: string) =>
  waitFor(
    `the plan to say: ${text}`,
    async () => (await operations.plan('patroni-switchover', args)).find((step) => step.includes(text)),
    { timeoutMs: 30_000, intervalMs: 100 },
  )

test('a candidate with the tag nofailover is refused, and with force by Patroni itself', async () => {
  await using tagged = await tagMember(cluster, standby, { nofailover: true })
  const args = { candidate: standby.name }
  expect(await operations.plan('patroni-switchover', args)).toContain(
    `REFUSED unless force=true: ${standby.name} has the tag nofailover`,
  )
  await expect(operations.run('patroni-switchover', args)).rejects.toMatchObject(
    refusalWith(`${standby.name} has the tag nofailover`),
  )
  await expect(operations.run('patroni-switchover', { ...args, force: true })).rejects.toMatchObject(
    refusalWith('Patroni answered 412: switchover is not possible: no good candidates'),
  )
  expect(await leaderNow()).toBe(primary.name)
  await tagged.heal()
})

test('a candidate that has not received too much of the log is refused, and with force by Patroni itself', async () => {
  await using held = await holdReceiver(standby)
  await writeLog(primary, 4_000_000)
  const args = { candidate: standby.name }
  await untilPlanned(args, 'more than maximum_lag_on_failover (1048576)')
  await expect(operations.run('patroni-switchover', args)).rejects.toMatchObject(
    refusalWith('more than maximum_lag_on_failover (1048576)'),
  )
  // It has begun by then, and gives up when it asks the candidate.
  await expect(operations.run('patroni-switchover', { ...args, force: true })).rejects.toMatchObject({
    code: 'COMMAND_FAILED',
    message: 'Patroni answered 503: Switchover failed',
  })
  expect(await leaderNow()).toBe(primary.name)
  await held.heal()
})

test('a candidate that has received what it does not replay is refused, and with force it leads once it has', async () => {
  await using held = await holdReplay(standby)
  await writeLog(primary, 4_000_000)
  const args = { candidate: standby.name }
  await untilPlanned(args, 'bytes that it has received, and its replay is paused')
  await expect(operations.run('patroni-switchover', args)).rejects.toMatchObject(
    refusalWith('it takes no writes before it has'),
  )
  const done = await operations.run('patroni-switchover', { ...args, force: true })
  expect(done.message).toMatch(/Forced against: .*its replay is paused/)
  expect(done.steps[0]).toContain(`${standby.name} leads`)
  await held.heal()
})

test('while Patroni is paused it is refused, and with force done to the candidate that is named', async () => {
  await operations.run('patroni-pause')
  const args = { candidate: standby.name }
  await expect(operations.run('patroni-switchover', args)).rejects.toMatchObject(refusalWith('is paused'))
  await expect(operations.run('patroni-switchover', { force: true })).rejects.toMatchObject(
    refusalWith('only to a specific candidate in a paused state'),
  )
  const done = await operations.run('patroni-switchover', { ...args, force: true })
  expect(done.message).toMatch(/Successfully switched over .*Forced against: .* is paused/)
  await operations.run('patroni-resume')
})

test('without a quorum of etcd everything that Patroni writes there is refused, and with force by Patroni itself', async () => {
  await using lost = await loseQuorum(cluster, primary)
  const candidate = standby.name
  await untilPlanned(
    { candidate },
    'REFUSED unless force=true: no member of etcd that this host asks has a quorum',
  )
  for (const [kind, args] of [
    ['patroni-switchover', { candidate }],
    ['patroni-failover', { candidate }],
    ['patroni-pause', {}],
    ['patroni-edit-config', { patch: '{"ttl": 6}' }],
  ] as const) {
    await expect(operations.run(kind, args), kind).rejects.toMatchObject(refusalWith('has a quorum'))
  }
  await expect(operations.run('patroni-switchover', { candidate, force: true })).rejects.toMatchObject({
    message: expect.stringContaining('Patroni answered') as string,
  })
  await lost.heal()
  await cluster.waitUntilHealthy()
})

/** Writes so many bytes into the log. */
async function writeLog(member: Member, bytes: number): Promise<void> {
  await member.query(
    `select pg_logical_emit_message(false, 'drill', repeat('x', 1000)) from generate_series(1, $1)`,
    [Math.ceil(bytes / 1000)],
  )
}
