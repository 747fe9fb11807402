import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { claims } from '../../../testbed/ha/claims.ts'
import { startHaCluster } from '../../../testbed/ha/cluster.ts'
import type { HaCluster } from '../../../testbed/ha/cluster.ts'
import {
  cutBetween,
  fillDisk,
  forceSplitBrain,
  freezeHost,
  hangPostgres,
  killPatroni,
  loseQuorum,
  stopPatroni,
  switchover,
} from '../../../testbed/ha/faults.ts'
import { checkWrites } from '../../../testbed/ha/lost-writes.ts'
import type { Member } from '../../../testbed/ha/member.ts'
import { statusOf } from '../../../testbed/ha/patroni-api.ts'
import { startWriter } from '../../../testbed/ha/writer.ts'
import { waitFor } from '../../../testbed/wait.ts'

/** Each fault of the test bed does what its name says, and no more, and can be mended. */

let cluster: HaCluster
let primary: Member
beforeAll(async () => {
  cluster = await startHaCluster()
})
beforeEach(async () => {
  primary = await cluster.waitUntilHealthy()
})
afterAll(async () => {
  await cluster[Symbol.asyncDispose]()
})

const replicas = (): readonly Member[] => cluster.members.filter((member) => member !== primary)

/** Whether the server says, within two seconds, that it takes writes; by its socket, inside its host. */
async function takesWrites(member: Member): Promise<boolean> {
  const args = [
    '2',
    'psql',
    '-XAtqh',
    member.socketDirectory,
    '-U',
    'postgres',
    '-c',
    'select pg_is_in_recovery()',
  ]
  return (await member.host.run('timeout', args)).stdout.trim() === 'f'
}

async function reaches(from: Member, to: Member): Promise<boolean> {
  const attempt = await from.host.run('timeout', ['1', 'bash', '-c', `: < /dev/tcp/${to.address}/2379`])
  return attempt.status === 0
}

test('killed, Patroni leaves a server that goes on taking writes', async () => {
  await using killed = await killPatroni(primary)
  expect(await statusOf(`${primary.patroniUrl}/patroni`)).toBeUndefined()
  expect(await takesWrites(primary)).toBe(true)
  await killed.heal()
  await waitFor('Patroni to answer', async () => (await statusOf(`${primary.patroniUrl}/patroni`)) === 200)
  // Patroni 3.0.2, started beside a running primary, empties synchronous_standby_names and still calls a member its
  // synchronous standby; the next primary sets it again.
  await switchover(cluster)
})

test('stopped, Patroni leaves an orphan that takes writes when another is promoted, and that gives way afterwards', async () => {
  await using stopped = await stopPatroni(primary)
  await cluster.waitForPrimary({ other: primary })
  expect(await takesWrites(primary)).toBe(true)
  await stopped.heal()
  await waitFor('the orphan to give way', async () => !(await takesWrites(primary)), { timeoutMs: 60_000 })
})

test('a hung server accepts a connection and answers nothing, while its Patroni lives', async () => {
  const [replica] = replicas()
  await using hung = await hangPostgres(replica!)
  const client = ['psql', '-h', replica!.socketDirectory, '-U', 'postgres', '-c', 'select']
  expect((await replica!.host.run('timeout', ['1', ...client])).status).toBe(124)
  // Paths of Patroni that ask the server hang with it.
  expect(await statusOf(`${replica!.patroniUrl}/liveness`)).toBeDefined()
  expect(await statusOf(`${replica!.patroniUrl}/patroni`)).toBeUndefined()
  await hung.heal()
  expect(await replica!.queryInside('select 1')).toBe('1')
})

test('a frozen host answers nobody, and comes back as a standby of whom was promoted', async () => {
  await using frozen = await freezeHost(primary)
  expect(await statusOf(`${primary.patroniUrl}/patroni`)).toBeUndefined()
  const next = await cluster.waitForPrimary({ other: primary })
  await frozen.heal()
  expect(await cluster.waitUntilHealthy()).toBe(next)
})

test('a cable between two hosts alone leaves both with the third', async () => {
  const [one, other] = replicas()
  await using broken = await cutBetween(one!, other!)
  expect(await reaches(one!, other!)).toBe(false)
  expect(await reaches(other!, one!)).toBe(false)
  expect(await reaches(one!, primary)).toBe(true)
  expect(await reaches(primary, other!)).toBe(true)
  await broken.heal()
  expect(await reaches(one!, other!)).toBe(true)
})

test('a full disk of a replica has no byte left, and stops nobody else from writing', async () => {
  const [replica] = replicas()
  await using writer = await startWriter(cluster, { name: 'full_disk' })
  {
    await using full = await fillDisk(replica!)
    const free = await replica!.host.mustRun('df', ['--output=avail', replica!.dataDirectory])
    expect(free.split('\n')[1]?.trim()).toBe('0')
    await writer.waitForAcknowledged(full.at)
  }
  const now = await cluster.waitUntilHealthy()
  await writer.stop()
  expect((await checkWrites(writer, now)).lost).toEqual([])
})

test('without a quorum of etcd nobody leads, until it is back', async () => {
  await using lost = await loseQuorum(cluster)
  await waitFor('nobody to lead', async () => (await claims(cluster)).length === 0, { timeoutMs: 30_000 })
  await lost.heal()
  await cluster.waitUntilHealthy()
})

test('a split brain is two servers that take writes on two timelines of one system', async () => {
  await using split = await forceSplitBrain(cluster)
  const identity = `select system_identifier || ' ' || pg_is_in_recovery() from pg_control_system()`
  expect(await split.orphan.queryInside(identity)).toBe(await split.primary.queryInside(identity))
  const timeline = `select substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)`
  expect(await split.orphan.queryInside(timeline)).not.toBe(await split.primary.queryInside(timeline))
  await split.heal()
  expect(await cluster.waitUntilHealthy()).toBe(split.primary)
  expect(
    await split.orphan.queryInside(`select to_regclass('app.split_brain_${split.orphan.name}') is null`),
  ).toBe('t')
})
