import { expect, test } from 'vitest'
import { holdSenders, killPatroni, switchover } from '../../../testbed/ha/faults.ts'
import { checkWrites } from '../../../testbed/ha/lost-writes.ts'
import type { Member } from '../../../testbed/ha/member.ts'
import { readCluster } from '../../../testbed/ha/patroni-api.ts'
import { startWriter } from '../../../testbed/ha/writer.ts'
import { signalProcess } from '../../../testbed/process-table.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { startWatchedCluster } from './watched-cluster.ts'
import type { WatchedCluster } from './watched-cluster.ts'

/**
 * Patroni 3.0.2, started beside a primary that runs, empties its synchronous_standby_names and goes on calling a member its
 * synchronous standby: commits wait for nobody, and a failover to that member loses them.
 */

/** The leader's key outlives the restart of Patroni, also on a busy machine. */
const times = { ttl: 20, loopWait: 1, retryTimeout: 5 }

const names = (member: Member) => member.queryInside('show synchronous_standby_names')

/** What the collector says then. */
const untilJudged = (watched: WatchedCluster) =>
  waitFor(
    'the collector to say that nobody is synchronous',
    async () => {
      const view = await watched.view()
      const found = view?.judgements.find(({ code }) => code === 'no-sync-standby')
      return view !== undefined && found !== undefined && view.failover.isSafe === false
        ? { view, found }
        : undefined
    },
    { timeoutMs: 60_000, intervalMs: 200, explain: () => watched.cluster.explain() },
  )

async function restartPatroni(primary: Member): Promise<void> {
  const killed = await killPatroni(primary)
  await killed.heal()
  await waitFor('Patroni to empty the names', async () => (await names(primary)) === '', {
    timeoutMs: 30_000,
    explain: () => primary.patroni.logTail(),
  })
}

test('a Patroni that was started beside its primary is not believed: what it calls synchronous is not, and a failover would lose commits', async () => {
  await using watched = await startWatchedCluster({ scope: 'pg-beside', times })
  const { cluster } = watched
  const primary = await cluster.waitUntilHealthy()
  await restartPatroni(primary)
  const judged = await untilJudged(watched)
  const believed = (await readCluster(primary.patroniUrl))?.filter(({ role }) => role === 'sync_standby')
  expect(believed).toHaveLength(1)
  const standby = cluster.members.find(({ name }) => name === believed![0]!.name)!
  expect(judged.found.severity).toBe('warning')
  expect(judged.found.reason).toContain(
    `Patroni takes ${watched.serverOf(standby)} for synchronous and would promote it`,
  )
  expect(judged.view.failover.candidates).toEqual([])
  expect(judged.view.recoveryPoint.value).toBeNull()

  // As it says, a switchover to that one mends it.
  await switchover(cluster, standby)
  await watched.untilFoundHealthy()
  expect(await names(standby)).not.toBe('')

  // The same again, and then the host of the primary is lost.
  await restartPatroni(standby)
  await untilJudged(watched)
  await using writer = await startWriter(cluster, { name: 'beside' })
  await writer.waitForAcknowledged(Date.now())
  await using held = await holdSenders(standby)
  const heldAt = Date.now()
  await waitFor(
    'writes that no standby has',
    () => writer.acknowledgements().filter(({ sentAt }) => sentAt > heldAt).length >= 50,
    { timeoutMs: 60_000 },
  )
  await using dead = await killPatroni(standby)
  const killedAt = Date.now()
  for (const { pid } of standby.postgresProcesses()) signalProcess(pid, 'SIGKILL')
  await cluster.waitForPrimary({ other: standby, timeoutMs: 90_000 })
  const failover = await waitFor(
    'the event',
    async () => (await watched.events(killedAt)).find(({ type }) => type === 'failover'),
    { timeoutMs: 60_000 },
  )
  await writer.waitForAcknowledged(Date.now())
  await writer.stop()
  await held.heal()
  await dead.heal()
  await cluster.waitUntilHealthy(120_000)
  const writes = await checkWrites(writer, await cluster.waitForPrimary())
  console.log(
    `${writes.lost.length} of ${writes.acknowledged} acknowledged rows lost; ${failover.text} (${JSON.stringify(failover.change)})`,
  )
  expect(writes.lost.length).toBeGreaterThan(0)
  expect(failover.change?.lostBytes).not.toBe(0)
})
