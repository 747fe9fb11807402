import { expect, test } from 'vitest'
import { startHaCluster } from '../../../testbed/ha/cluster.ts'
import type { HaCluster } from '../../../testbed/ha/cluster.ts'
import { killPatroni, killPostgres } from '../../../testbed/ha/faults.ts'
import type { Member } from '../../../testbed/ha/member.ts'
import { readCluster } from '../../../testbed/ha/patroni-api.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { operationsOf } from './operations-of.ts'

/** In synchronous mode only the synchronous standby has every commit that was acknowledged. */

async function asynchronousOf(cluster: HaCluster, primary: Member): Promise<Member> {
  const asynchronous = await waitFor('an asynchronous standby', async () =>
    (await readCluster(primary.patroniUrl))?.find(({ role }) => role === 'replica'),
  )
  return cluster.members.find(({ name }) => name === asynchronous.name)!
}

test('a failover to a standby that is not synchronous is refused; with force Patroni declines while a leader lives, and does it when none does', async () => {
  await using cluster = await startHaCluster({ route: 'postgres' })
  const primary = await cluster.waitUntilHealthy()
  const candidate = await asynchronousOf(cluster, primary)
  const args = { candidate: candidate.name }
  const refusal = `synchronous_mode is on and ${candidate.name} is not a synchronous standby`

  await expect(operationsOf(primary).run('patroni-failover', args)).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining(refusal) as string,
  })
  // As Patroni 3.0.2 does; 4 fails over.
  await expect(operationsOf(primary).run('patroni-failover', { ...args, force: true })).rejects.toMatchObject(
    { code: 'COMMAND_FAILED', message: 'Patroni answered 503: Failover failed' },
  )
  expect(await cluster.primary()).toBe(primary)

  // While it is paused nobody but the operator promotes.
  await operationsOf(candidate).run('patroni-pause')
  await using dead = await killPatroni(primary)
  killPostgres(primary)
  await waitFor(
    'nobody to hold the leader key',
    async () => (await readCluster(candidate.patroniUrl))?.every(({ role }) => role !== 'leader'),
    { timeoutMs: 30_000 },
  )
  await expect(operationsOf(candidate).run('patroni-failover', args)).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining(refusal) as string,
  })
  const done = await operationsOf(candidate).run('patroni-failover', { ...args, force: true })
  expect(done.message).toContain(`Forced against: ${refusal}`)
  expect(done.steps.join('\n')).toContain(`${candidate.name} leads on timeline`)
  await operationsOf(candidate).run('patroni-resume')
  await dead.heal()
})
