import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startHaCluster } from '../../../testbed/ha/cluster.ts'
import type { HaCluster } from '../../../testbed/ha/cluster.ts'
import type { Member } from '../../../testbed/ha/member.ts'
import { changePatroniFile } from '../../../testbed/ha/patroni-file.ts'
import { operationsOf } from './operations-of.ts'

/** Restarts, files that are read again, and changes of what Patroni keeps for all members. */

let cluster: HaCluster
let primary: Member
let standby: Member
beforeAll(async () => {
  // As in the data directories of the test bed: with fewer a restart is pending from the beginning.
  const parameters = { max_connections: 100 }
  cluster = await startHaCluster({ synchronousMode: false, route: 'postgres', parameters })
})
beforeEach(async () => {
  primary = await cluster.waitUntilHealthy()
  standby = cluster.members.find((member) => member !== primary)!
})
afterAll(async () => {
  await cluster[Symbol.asyncDispose]()
})

const startOf = (member: Member) => member.queryInside('select pg_postmaster_start_time()')

test('a restart for what is pending does nothing until a setting waits, and then the restart takes it', async () => {
  const before = await startOf(primary)
  const idle = await operationsOf(primary).run('patroni-restart', { pending_only: true })
  expect(idle).toMatchObject({
    message: `No setting of ${primary.name} waits for a restart; nothing was done.`,
  })
  expect(await startOf(primary)).toBe(before)

  const patch = JSON.stringify({ postgresql: { parameters: { shared_buffers: '40MB' } } })
  const edited = await operationsOf(primary).run('patroni-edit-config', { patch })
  expect(edited.steps[1]).toContain('a restart is needed on m1, m2, m3')
  const restarted = await operationsOf(standby).run('patroni-restart', { pending_only: true })
  expect(restarted.steps[1]).toBe('no setting waits for a restart')
  expect(await standby.queryInside('show shared_buffers')).toBe('40MB')

  await expect(operationsOf(primary).run('patroni-restart', { pending_only: true })).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining('nothing can be written until it is back') as string,
  })
  const forced = await operationsOf(primary).run('patroni-restart', { pending_only: true, force: true })
  expect(forced.message).toContain(`Forced against: ${primary.name} is the primary`)
  expect(forced.steps[1]).toBe('no setting waits for a restart')
  expect(await primary.queryInside('show shared_buffers')).toBe('40MB')
})

test("a reload reads the member's own file again", async () => {
  changePatroniFile(standby, (config) => {
    const postgresql = config['postgresql'] as { parameters: object }
    return {
      ...config,
      postgresql: { ...postgresql, parameters: { ...postgresql.parameters, work_mem: '9MB' } },
    }
  })
  const reloaded = await operationsOf(standby).run('patroni-reload')
  expect(reloaded.steps[0]).toBe('it runs after a cycle of Patroni (1 s)')
  expect(await standby.queryInside('show work_mem')).toBe('9MB')
  expect(await primary.queryInside('show work_mem')).toBe('4MB')
})

test.each([
  [{ ttl: 'abc' }, 'ttl was "abc"; allowed: a whole number from 1 to 86400'],
  [
    { maximum_lag_on_failover: -5 },
    'maximum_lag_on_failover was -5; allowed: a whole number from 0 to 1125899906842624',
  ],
  [{ synchronous_mode: 'maybe' }, 'synchronous_mode was "maybe"; allowed: true, false or quorum'],
  [{ postgresql: 'none' }, 'postgresql was "none"; allowed: a map'],
])('the configuration %j is refused whatever is forced', async (patch, refusal) => {
  const before = await configOf(primary)
  for (const force of [false, true]) {
    await expect(
      operationsOf(primary).run('patroni-edit-config', { patch: JSON.stringify(patch), force }),
    ).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining(refusal) as string })
  }
  expect(await configOf(primary)).toEqual(before)
})

test('a name that Patroni is not known to have is refused, and with force kept and told', async () => {
  const patch = JSON.stringify({ loop_wiat: 5 })
  await expect(operationsOf(primary).run('patroni-edit-config', { patch })).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining('loop_wiat is no setting that Patroni is known to have') as string,
  })
  const forced = await operationsOf(primary).run('patroni-edit-config', { patch, force: true })
  expect(forced.message).toContain('Forced against: loop_wiat is no setting')
  expect(await configOf(primary)).toMatchObject({ loop_wiat: 5 })
  await operationsOf(primary).run('patroni-edit-config', { patch: '{"loop_wiat": null}' })
})

async function configOf(member: Member): Promise<unknown> {
  const answer = await fetch(`${member.patroniUrl}/config`, { signal: AbortSignal.timeout(5_000) })
  return answer.json()
}
