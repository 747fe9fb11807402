import { expect, test } from 'vitest'
import { hangPostgres } from '../../../testbed/ha/faults.ts'
import { checkWrites } from '../../../testbed/ha/lost-writes.ts'
import { startWriter } from '../../../testbed/ha/writer.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { startWatchedCluster } from './watched-cluster.ts'

test('in strict synchronous mode commits wait without a standby, which is critical, and none is lost', async () => {
  await using watched = await startWatchedCluster({ scope: 'pg-strict', synchronousMode: 'strict' })
  const { cluster } = watched
  const primary = await cluster.waitUntilHealthy()
  const standbys = cluster.members.filter((member) => member !== primary)
  const good = await waitFor(
    'a safe failover',
    async () => {
      const view = await watched.view()
      return view?.failover.isSafe === true ? view : undefined
    },
    { timeoutMs: 30_000, intervalMs: 200 },
  )
  expect(good.failover.candidates).toHaveLength(1)
  expect(good.recoveryPoint.value).toBe(0)

  await using writer = await startWriter(cluster, { name: 'strict' })
  await writer.waitForAcknowledged(Date.now())
  await using one = await hangPostgres(standbys[0]!)
  await using other = await hangPostgres(standbys[1]!)
  const judged = await waitFor(
    'the collector to say that commits wait',
    async () => {
      const view = await watched.view()
      const found = view?.judgements.find(({ code }) => code === 'no-sync-standby')
      return view !== undefined && found?.severity === 'critical' ? { view, found } : undefined
    },
    { timeoutMs: 60_000, intervalMs: 200, explain: () => cluster.explain() },
  )
  const judgedAt = Date.now()
  expect(judged.view.status).toBe('critical')
  expect(judged.found.reason).toMatch(
    /no synchronous standby streams from pg-strict-\d: (\d+ sessions|commits) wait/,
  )
  expect(judged.found.members).toEqual([watched.serverOf(primary)])
  expect(judged.view.failover).toMatchObject({ isSafe: false, candidates: [] })
  await waitFor('the alert', async () => (await watched.firing()).includes('ClusterCommitsWait'), {
    timeoutMs: 60_000,
    intervalMs: 500,
  })
  // The one primary goes on to be that, and acknowledges nothing.
  expect(await cluster.primary()).toBe(primary)
  expect(writer.acknowledgements().filter(({ sentAt }) => sentAt > judgedAt)).toEqual([])

  await one.heal()
  await other.heal()
  await writer.waitForAcknowledged(Date.now())
  await cluster.waitUntilHealthy()
  await watched.untilFoundHealthy()
  await writer.stop()
  const writes = await checkWrites(writer, await cluster.waitForPrimary())
  console.log(
    `${writes.acknowledged} acknowledged, ${writes.lost.length} lost, ${writes.unknown} of unknown outcome; without a commit for ${writer.longestGap(judgedAt).ms} ms: ${judged.found.reason}`,
  )
  expect(writes.lost).toEqual([])
})
