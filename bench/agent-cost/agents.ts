import { join } from 'node:path'
import { bundleIsFresh } from '../../agent/bundle.mjs'
import { startAgent } from '../../testbed/pgherd.ts'
import type { PgherdProcess } from '../../testbed/pgherd.ts'
import type { PostgresServer } from '../../testbed/postgres.ts'
import { roles } from './lab.ts'
import type { Lab } from './lab.ts'

export interface AgentRun {
  readonly cluster: string
  readonly directory: string
  readonly collectorUrl: string
  readonly interval: '1s' | '10s'
}

/** The agent as shipped, on the servers that the peers look at. */
export function startOneServerAgent(lab: Lab, run: AgentRun): Promise<PgherdProcess> {
  return start(run, {
    postgresUrl: lab.primary.url('postgres', roles.agent),
    extraConfig: lab.pgbouncer === undefined ? {} : { poolers: [{ url: lab.pgbouncer.adminUrl, seq: 2 }] },
  })
}

/** The agent with many servers. */
export function startManyServersAgent(
  servers: readonly PostgresServer[],
  run: AgentRun,
): Promise<PgherdProcess> {
  return start(run, {
    postgresUrl: servers[0]!.url('postgres', roles.agent),
    extraConfig: {
      servers: servers.map((server, i) => ({ url: server.url('postgres', roles.agent), seq: i + 1 })),
    },
  })
}

async function start(
  run: AgentRun,
  about: Pick<Parameters<typeof startAgent>[0], 'postgresUrl' | 'extraConfig'>,
): Promise<PgherdProcess> {
  const agent = await startAgent({
    directory: join(run.directory, run.cluster),
    cluster: run.cluster,
    seq: 1,
    collectorUrl: run.collectorUrl,
    interval: run.interval,
    ...about,
    extraConfig: {
      ...about.extraConfig,
      'scrape.timeout': run.interval === '1s' ? '900ms' : '8s',
    },
  })
  if (!bundleIsFresh()) {
    console.error(
      'the sources of the agent have just changed: it may run from them and take some 40 MiB more',
    )
  }
  return agent
}
