import { afterAll, beforeAll, expect, test } from 'vitest'
import { holdSenders, killPatroni } from '../../../testbed/ha/faults.ts'
import { checkWrites } from '../../../testbed/ha/lost-writes.ts'
import { endOfLog } from '../../../testbed/ha/end-of-log.ts'
import { startWriter } from '../../../testbed/ha/writer.ts'
import { signalProcess } from '../../../testbed/process-table.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { startWatchedCluster } from './watched-cluster.ts'
import type { WatchedCluster } from './watched-cluster.ts'

/** Without synchronous_mode a failover may lose what no standby has received, and the collector says how much that is. */

let watched: WatchedCluster
beforeAll(async () => {
  // A standby whose sender is stopped stays connected.
  const parameters = { wal_sender_timeout: '60s', wal_receiver_timeout: '60s' }
  watched = await startWatchedCluster({ scope: 'pg-async', synchronousMode: false, parameters })
}, 180_000)
afterAll(async () => {
  await watched[Symbol.asyncDispose]()
}, 60_000)

const untilViewed = (
  what: string,
  satisfies: (view: NonNullable<Awaited<ReturnType<WatchedCluster['view']>>>) => boolean,
) =>
  waitFor(
    what,
    async () => {
      const view = await watched.view()
      return view !== undefined && satisfies(view) ? view : undefined
    },
    { timeoutMs: 60_000, intervalMs: 200, explain: () => watched.cluster.explain() },
  )

test('what would be lost grows with what the standbys lack, until no failover is safe', async () => {
  const { cluster } = watched
  const primary = await cluster.waitUntilHealthy()
  await watched.untilFoundHealthy()
  const before = await untilViewed(
    'two that could take over',
    ({ failover }) => failover.isSafe === true && failover.candidates.length === 2,
  )
  expect(before.recoveryPoint.how).toContain('had not received when it was seen last')

  await using held = await holdSenders(primary)
  const emit = (bytes: number) =>
    primary.query(
      `select pg_logical_emit_message(false, 'drill', repeat('x', 1000)) from generate_series(1, $1)`,
      [bytes / 1000],
    )
  await emit(500_000)
  const some = await untilViewed(
    'half a megabyte to be missing',
    ({ recoveryPoint: { value } }) => (value ?? 0) > 500_000,
  )
  expect(some.failover.isSafe).toBe(true)
  await emit(1_000_000)
  const most = await untilViewed('no safe failover', ({ failover }) => failover.isSafe === false)
  expect(most.failover.reasons.join('; ')).toContain('more than maximum_lag_on_failover allows (1 MiB)')
  expect(most.recoveryPoint.value).toBeNull()
  await untilViewed('a judgement of it', ({ judgements }) =>
    judgements.some(({ code }) => code === 'failover-unsafe'),
  )

  await held.heal()
  await untilViewed('a safe failover again', ({ failover }) => failover.isSafe === true)
})

test('a failover loses writes that were acknowledged, and no more log than its event says', async () => {
  const { cluster } = watched
  const primary = await cluster.waitUntilHealthy()
  await watched.untilFoundHealthy()
  await using writer = await startWriter(cluster, { name: 'lossy' })
  await writer.waitForAcknowledged(Date.now())
  await using held = await holdSenders(primary)
  const heldAt = Date.now()
  await waitFor(
    'writes that no standby has',
    () => writer.acknowledgements().filter(({ sentAt }) => sentAt > heldAt).length >= 200,
    { timeoutMs: 60_000 },
  )
  // As when its host is lost: nothing starts it again.
  await using dead = await killPatroni(primary)
  const killedAt = Date.now()
  for (const { pid } of primary.postgresProcesses()) signalProcess(pid, 'SIGKILL')
  const next = await cluster.waitForPrimary({ other: primary })
  const failover = await waitFor(
    'the event',
    async () => (await watched.events(killedAt)).find(({ type }) => type === 'failover'),
    { timeoutMs: 60_000 },
  )
  await writer.waitForAcknowledged(Date.now())
  await writer.stop()
  const endedAt = await waitFor(
    'the end of the old timeline',
    async () => {
      const view = await watched.view()
      const leader = view?.members.find(({ server }) => server === watched.serverOf(next))
      const { timeline, patroni } = leader?.health ?? {}
      return patroni?.history.find((entry) => entry.timeline === (timeline ?? 0) - 1)
    },
    { timeoutMs: 60_000 },
  )
  const switchPoint = endedAt.position ?? 0
  const lostBytes = (await endOfLog(primary, endedAt.timeline, switchPoint)) - switchPoint

  await held.heal()
  await dead.heal()
  await cluster.waitUntilHealthy()
  const writes = await checkWrites(writer, await cluster.waitForPrimary())
  console.log(
    `${writes.lost.length} of ${writes.acknowledged} acknowledged rows lost, ${lostBytes} bytes of log; ${failover.text} (${JSON.stringify(failover.change)})`,
  )
  expect(writes.lost.length).toBeGreaterThan(0)
  expect(failover.change?.lostBytes ?? Infinity).toBeGreaterThanOrEqual(lostBytes)
  expect(failover.change?.lostBytes).not.toBe(0)
})
