import { afterAll, beforeAll, expect, test } from 'vitest'
import { killPatroni, stopPatroni } from '../../../testbed/ha/faults.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { startWatchedCluster } from './watched-cluster.ts'
import type { WatchedCluster } from './watched-cluster.ts'

/** Without a watchdog, and with nobody who starts Patroni again, a primary whose Patroni is gone is an orphan that goes on writing. */

let watched: WatchedCluster
beforeAll(async () => {
  watched = await startWatchedCluster({ scope: 'pg-orphan' })
}, 180_000)
afterAll(async () => {
  await watched[Symbol.asyncDispose]()
}, 60_000)

test.each([
  ['killed', killPatroni],
  ['stopped', stopPatroni],
] as const)(
  'Patroni %s: the orphan is named, out of the endpoint, and writes until it is back',
  async (_how, harm) => {
    const { cluster } = watched
    const orphan = await cluster.waitUntilHealthy()
    await watched.untilFoundHealthy()
    const server = watched.serverOf(orphan)
    await using harmed = await harm(orphan)
    const next = await cluster.waitForPrimary({ other: orphan })
    const view = await waitFor(
      'the orphan to be named',
      async () => {
        const now = await watched.view()
        return now?.judgements.some(({ code }) => code === 'no-watchdog') === true ? now : undefined
      },
      { timeoutMs: 60_000, intervalMs: 200, explain: () => cluster.explain() },
    )
    const about = (code: string) => view.judgements.find((one) => one.code === code)
    expect(about('no-watchdog')).toMatchObject({ severity: 'critical', members: [server] })
    expect(about('no-watchdog')?.reason).toMatch(
      /after the leader key of its Patroni ran out \(ttl 5 s\): no watchdog has reset its host, and nobody has started Patroni again/,
    )
    expect(about('patroni-away')).toMatchObject({ severity: 'critical', members: [server] })
    expect(await orphan.queryInside('select pg_is_in_recovery()')).toBe('f')
    await waitFor(
      'the endpoints to have the new primary alone',
      async () => (await watched.claims()).join() === next.name,
      { timeoutMs: 30_000 },
    )

    await harmed.heal()
    await cluster.waitUntilHealthy(120_000)
    await watched.untilFoundHealthy()
  },
)
