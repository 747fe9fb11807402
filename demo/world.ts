import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { queryCollector } from '../testbed/collector-api.ts'
import { startFleet } from '../testbed/fleet.ts'
import type { Operator } from '../testbed/fleet.ts'
import type { CollectorProcess, PgherdProcess } from '../testbed/pgherd.ts'
import type { Pgbouncer } from '../testbed/pgbouncer.ts'
import type { PostgresServer } from '../testbed/postgres.ts'
import { waitFor } from '../testbed/wait.ts'
import type { DemoArguments } from './arguments.ts'
import { cluster, database, inventPasswords, startPooler, startPrimary, startReplica } from './databases.ts'
import type { Progress } from './progress.ts'
import type { Watched } from './watch.ts'
import { startWorkload } from './workload.ts'
import type { Workload } from './workload.ts'

/** Everything the demo has running. */
export interface World {
  readonly servers: readonly PostgresServer[]
  readonly workload: Workload
  readonly collector: CollectorProcess
  /** Who may send commands to the agents. */
  readonly operator: Operator
  readonly agents: readonly PgherdProcess[]
  /** All of them, by the names a person knows them by. */
  readonly watched: readonly Watched[]
}

/**
 * Starts one thing after the other and hands each to `owned`, whose disposal stops them in reverse order.
 * Resolves when the first measurement of every server can be queried.
 */
export async function startWorld(options: {
  directory: string
  arguments: DemoArguments
  owned: AsyncDisposableStack
  progress: Progress
  signal: AbortSignal
}): Promise<World> {
  const { directory, owned, progress, signal } = options
  const { intervalMs, port } = options.arguments
  const passwords = inventPasswords()

  const primary = await progress.step('PostgreSQL 18, the primary demo-1', async () =>
    owned.use(await startPrimary(directory, passwords)),
  )
  const standby = await progress.step('PostgreSQL 18, the streaming standby demo-2', async () =>
    owned.use(await startReplica(directory, primary, passwords)),
  )
  const pooler = await progress.step('pgBouncer, if it is installed', async () =>
    owned.use(await startPooler(directory, primary)),
  )
  if (pooler === undefined) progress.line('    it is not: the workload connects directly')
  const workload = await progress.step('a workload', async () =>
    owned.use(
      await startWorkload({
        primaryUrl: (pooler ?? primary).url(database, 'app', passwords.app),
        standbyUrl: standby.url(database, 'app', passwords.app),
      }),
    ),
  )
  const fleet = await progress.step('the collector, with its own authority', async () =>
    owned.use(await startFleet({ directory, port })),
  )
  const { collector, operator } = fleet
  const servers = [primary, standby]
  const agents = await progress.step('an agent per server, each joins by token', () =>
    Promise.all(
      servers.map(async (server, index) => {
        const home = join(directory, `agent-${server.name}`)
        mkdirSync(home)
        writeFileSync(join(home, 'policy.yaml'), policy(operator.name))
        writeFileSync(join(home, 'action-password'), `${passwords.action}\n`, { mode: 0o600 })
        return owned.use(
          await fleet.addAgent({
            directory: home,
            cluster,
            seq: index + 1,
            postgresUrl: server.url('postgres', 'pgherd'),
            password: passwords.pgherd,
            interval: `${intervalMs}ms`,
            extraConfig: {
              // The timeout has to stay below the interval, and its default is meant for ten seconds.
              'scrape.timeout': `${Math.min(8_000, intervalMs * 0.8)}ms`,
              'actions.postgres_url': server.url('postgres', 'pgherd_action'),
              'actions.password_file': join(home, 'action-password'),
              ...(pooler === undefined || server !== primary ? {} : { poolers: [poolerOf(pooler, home)] }),
            },
          }),
        )
      }),
    ),
  )
  await progress.step('first measurements in the store', () =>
    waitFor('a measurement of every server', () => areMeasured(collector.url, servers), {
      timeoutMs: 15_000 + 2 * intervalMs,
      intervalMs: 100,
      signal,
      explain: () => agents.map((agent) => agent.logTail(5)).join('\n'),
    }),
  )
  return {
    servers,
    workload,
    collector,
    operator,
    agents,
    watched: [
      ...servers.map((server) => named(`PostgreSQL ${server.name}`, server)),
      ...(pooler === undefined ? [] : [named('pgBouncer', pooler)]),
      named('the collector', collector),
      ...agents.map((agent, index) => named(`the agent of ${servers[index]!.name}`, agent)),
    ],
  }
}

/** The agent beside the primary watches the pooler as well, and steers it. */
function poolerOf(pooler: Pgbouncer, home: string): Readonly<Record<string, string>> {
  const url = new URL(pooler.adminUrl)
  const passwordFile = join(home, 'pooler-password')
  writeFileSync(passwordFile, `${url.password}\n`, { mode: 0o600 })
  url.password = ''
  return { url: url.href, password_file: passwordFile, actions_password_file: passwordFile }
}

/** Each host decides by itself what it lets whom do. */
function policy(operator: string): string {
  return `rules:\n  - kinds: [read, change, destructive]\n    operators: [${operator}]\n`
}

function named(name: string, one: Omit<Watched, 'name'>): Watched {
  return { name, logFile: one.logFile, isRunning: () => one.isRunning() }
}

async function areMeasured(collectorUrl: string, servers: readonly PostgresServer[]): Promise<boolean> {
  const series = await queryCollector(collectorUrl, 'pg_up == 1')
  return servers.every((server) => series.some(({ metric }) => metric['ins'] === server.name))
}
