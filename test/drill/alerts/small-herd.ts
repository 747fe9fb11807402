import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { startAgent, startCollector } from '../../../testbed/pgherd.ts'
import type { CollectorProcess, ExtraConfig } from '../../../testbed/pgherd.ts'
import { startPostgres, startStandby } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'

const alertsAnswer = z.object({
  data: z.object({
    alerts: z.array(
      z.object({ labels: z.record(z.string(), z.string()), state: z.string(), activeAt: z.string() }),
    ),
  }),
})
const vector = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
})

/** A primary with a standby, an agent beside each, and a collector, all with the intervals that they have by default. */
export interface SmallHerd extends AsyncDisposable {
  readonly primary: PostgresServer
  readonly collector: CollectorProcess
  /** `pending` or `firing` of an alert of the cluster, if it is either. */
  stateOf(alertname: string): Promise<string | undefined>
  /** Names of the alerts of the cluster that fire. */
  firing(): Promise<readonly string[]>
  /** Whether the newest sample says that the primary is up. */
  isUp(): Promise<boolean | undefined>
}

export const cluster = 'pg-drill'

export async function startSmallHerd(collectorConfig: ExtraConfig): Promise<SmallHerd> {
  await using stack = new AsyncDisposableStack()
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-alerts-'))
  stack.defer(() => rmSync(directory, { recursive: true, force: true }))
  const primary = stack.use(await startPostgres())
  await primary.query('create role pgherd login')
  await primary.query('grant pg_monitor to pgherd')
  const standby = stack.use(await startStandby(primary))
  const collector = stack.use(
    await startCollector({ directory: join(directory, 'collector'), extraConfig: collectorConfig }),
  )
  for (const [i, server] of [primary, standby].entries()) {
    stack.use(
      await startAgent({
        directory: join(directory, `agent-${i + 1}`),
        cluster,
        seq: i + 1,
        postgresUrl: server.url('postgres', 'pgherd'),
        collectorUrl: collector.url,
      }),
    )
  }
  const ask = async <T>(path: string, schema: z.ZodType<T>): Promise<T> => {
    const answer = await fetch(`${collector.url}${path}`, { signal: AbortSignal.timeout(10_000) })
    return schema.parse(await answer.json())
  }
  const alerts = async () => {
    const { data } = await ask('/api/v1/alerts', alertsAnswer)
    return data.alerts.filter(({ labels }) => labels['cls'] === cluster)
  }
  const isUp = async (): Promise<boolean | undefined> => {
    const query = `/api/v1/query?query=${encodeURIComponent(`pg_up{ins="${cluster}-1"}`)}`
    const value = (await ask(query, vector)).data.result[0]?.value[1]
    return value === undefined ? undefined : value === '1'
  }
  const members = `/api/v1/query?query=${encodeURIComponent(`pgherd_cluster_members{cls="${cluster}"} == 2`)}`
  await waitFor(
    'both servers are in the store and known as a cluster',
    async () => (await isUp()) === true && (await ask(members, vector)).data.result.length === 1,
    { timeoutMs: 90_000, intervalMs: 200 },
  )
  const owned = stack.move()
  return {
    primary,
    collector,
    isUp,
    firing: async () =>
      (await alerts())
        .filter(({ state }) => state === 'firing')
        .map(({ labels }) => labels['alertname'] ?? ''),
    stateOf: async (alertname) =>
      (await alerts()).find(({ labels }) => labels['alertname'] === alertname)?.state,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
