import { expect, test } from 'vitest'
import { killPostgres, switchover } from '../../../testbed/ha/faults.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { startWatchedCluster } from './watched-cluster.ts'

test('a switchover and a crash of the primary are told apart, each once, with who took over from whom', async () => {
  await using watched = await startWatchedCluster({ scope: 'ha-topology', failoverOnCrash: true })
  const { cluster } = watched
  const beganMs = Date.now() - 1_000
  const until = (what: string, type: string) =>
    waitFor(what, async () => (await watched.events(beganMs)).find((event) => event.type === type), {
      timeoutMs: 30_000,
      explain: () => cluster.explain(),
    })

  const first = watched.serverOf(await cluster.waitForPrimary())
  const second = await switchover(cluster)
  expect(await until('the switchover', 'switchover')).toMatchObject({
    node: watched.serverOf(second),
    text: expect.stringContaining(`from ${first}`) as string,
  })
  await watched.untilFoundHealthy()

  await using killed = killPostgres(second)
  const failover = await until('the failover', 'failover')
  expect(failover.text).toContain(`from ${watched.serverOf(second)}`)
  await killed.heal()
  const kinds = (await watched.events(beganMs)).map(({ type }) => type)
  expect(kinds.filter((kind) => kind === 'switchover' || kind === 'failover')).toEqual([
    'failover',
    'switchover',
  ])
})
