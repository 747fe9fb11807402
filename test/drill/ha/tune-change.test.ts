import { afterAll, beforeAll, expect, test } from 'vitest'
import { withPatroniSettings } from '../../../agent/actions/backup/patroni-settings.ts'
import { startHaCluster } from '../../../testbed/ha/cluster.ts'
import type { HaCluster } from '../../../testbed/ha/cluster.ts'
import { basicAuthorization, credentials } from '../../../testbed/ha/credentials.ts'
import type { Member } from '../../../testbed/ha/member.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import type { OwnDirectory } from '../../../testbed/own-directory.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { openTuned } from '../../agent/tuning/change/tuned-server.ts'
import type { TunedTestServer } from '../../agent/tuning/change/tuned-server.ts'

/** Settings that Patroni keeps for its members: they are changed there, by one agent for all, and taken back there. */

let cluster: HaCluster
let primary: Member
let directory: OwnDirectory
let tuned: TunedTestServer
beforeAll(async () => {
  cluster = await startHaCluster({ synchronousMode: false, route: 'postgres' })
  primary = await cluster.waitUntilHealthy()
  directory = createOwnDirectory({ prefix: 'pgherd-change-' })
  const { user, password } = credentials.superuser
  const url = `postgres://${user}:${password}@${primary.address}:${primary.postgresPort}/postgres`
  const access = { configFile: primary.patroniFile, etcd: [{ url: `http://${primary.address}:2379` }] }
  tuned = await openTuned({ url: () => url }, directory.path, {
    withKeeper: (scope, work) => withPatroniSettings([access], scope, work),
  })
  tuned.run()
})
afterAll(async () => {
  await tuned[Symbol.asyncDispose]()
  directory[Symbol.dispose]()
  await cluster[Symbol.asyncDispose]()
})

const show = async (member: Member, name: string): Promise<string> =>
  (await member.query<{ value: string }>('select current_setting($1) as value', [name]))[0]!.value
const everywhere = (name: string, value: string) =>
  waitFor(
    `${name} ${value} everywhere`,
    async () =>
      (await Promise.all(cluster.members.map((one) => show(one, name)))).every((one) => one === value),
    { timeoutMs: 30_000, intervalMs: 200 },
  )

test('a change is made in the configuration of Patroni, watched here, kept, and taken back for every member', async () => {
  const plan = await tuned.planned({ work_mem: '8MB' }, { guard: 3 })
  expect(plan).toMatchObject({ by: 'keeper', refusals: [] })
  expect(plan.notes).toContain('the guard watches this server alone, and the change is for every member')
  expect(await tuned.apply({ work_mem: '8MB' }, { guard: 3, bound: 5 })).toMatchObject({
    state: 'watching',
    by: 'keeper',
  })
  await everywhere('work_mem', '8MB')
  await tuned.until('kept')
  expect((await tuned.rollBack()).message).toBe('it was asked for; work_mem is as before')
  await everywhere('work_mem', '4MB')
})

test('what only a command line gives waits for a restart, and needs none when it is taken back', async () => {
  const begun = await tuned.apply({ max_connections: '70' }, { guard: 3 })
  expect(begun).toMatchObject({
    state: 'waits-for-restart',
    settings: [{ before: '100', after: '70', needsRestart: true }],
  })
  const over = await tuned.rollBack()
  expect(over.state).toBe('rolled-back')
  expect(over.message).toMatch(/max_connections never took effect, so that no restart is needed$/)
})

test('a line of ALTER SYSTEM that hides what Patroni has is found, and nothing is changed', async () => {
  await primary.query(`alter system set maintenance_work_mem = '96MB'`)
  await primary.query('select pg_reload_conf()')
  await expect(tuned.apply({ maintenance_work_mem: '128MB' })).rejects.toThrow(
    'maintenance_work_mem is in postgresql.auto.conf, which hides what Patroni has: ALTER SYSTEM RESET maintenance_work_mem',
  )
  await primary.query('alter system reset maintenance_work_mem')
})

test('what somebody changes in Patroni meanwhile is not overwritten', async () => {
  await tuned.apply({ random_page_cost: '1.2' }, { guard: 600, bound: 5 })
  const answer = await fetch(`${primary.patroniUrl}/config`, {
    method: 'PATCH',
    headers: { Authorization: basicAuthorization(credentials.patroni) },
    body: JSON.stringify({ postgresql: { parameters: { random_page_cost: '1.3' } } }),
  })
  expect(answer.status).toBe(200)
  const over = await tuned.until('left-alone', 60_000)
  expect(over.message).toMatch(/^random_page_cost is no longer as the change wrote it/)
  await everywhere('random_page_cost', '1.3')
})
