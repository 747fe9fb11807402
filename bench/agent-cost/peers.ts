import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { findProgram } from '../../testbed/find-program.ts'
import { freePorts } from '../../testbed/ports.ts'
import { startChild } from '../../testbed/process.ts'
import type { Child } from '../../testbed/process.ts'
import { roles } from './lab.ts'
import type { Lab } from './lab.ts'

export interface Peer {
  /** The job label of its series. */
  readonly job: string
  readonly child: Child
}

/** The programs of Debian that do together what the agent does, at one scrape a second. */
export interface Peers extends AsyncDisposable {
  readonly exporters: readonly Peer[]
  readonly vmagent: Child
}

/**
 * Debian's pgbouncer_exporter reads a column that pgBouncer 1.18 does not have, and ends at its first scrape. The key
 * is renamed in the running program.
 */
const repairedPgbouncerExporter = `
import prometheus_pgbouncer_exporter.collectors as collectors
metrics = collectors.StatsCollector.metrics
metrics['total_query_count'] = metrics.pop('total_requests')
from prometheus_pgbouncer_exporter.cli import main
main()`

/** Names of what has to be installed and is not. */
export function missingPeers(): readonly string[] {
  return [
    'prometheus-postgres-exporter',
    'prometheus-node-exporter',
    'prometheus-pgbouncer-exporter',
    'vmagent',
    'pgbouncer',
  ].filter((name) => findProgram(name) === undefined)
}

export async function startPeers(lab: Lab, directory: string, collectorUrl: string): Promise<Peers> {
  mkdirSync(directory, { recursive: true })
  await using stack = new AsyncDisposableStack()
  const [postgresPort, nodePort, pgbouncerPort, vmagentPort] = await freePorts(4)
  const start = async (
    name: string,
    port: number,
    command: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Child> => {
    const logFile = join(directory, `${name}.log`)
    const child = stack.use(await startChild({ name, command, args, logFile, environment }))
    await child.waitFor('it answers', () => answers(`http://127.0.0.1:${port}/metrics`))
    return child
  }
  const program = (name: string): string => findProgram(name) ?? name
  const console = new URL(lab.pgbouncer?.adminUrl ?? 'postgres://none:none@127.0.0.1:1/pgbouncer')

  const exporters: Peer[] = [
    {
      job: 'postgres_exporter',
      child: await start(
        'postgres_exporter',
        postgresPort!,
        program('prometheus-postgres-exporter'),
        [`--web.listen-address=127.0.0.1:${postgresPort}`],
        { DATA_SOURCE_NAME: `${lab.primary.url('postgres', roles.exporter)}?sslmode=disable` },
      ),
    },
    {
      job: 'node_exporter',
      child: await start('node_exporter', nodePort!, program('prometheus-node-exporter'), [
        `--web.listen-address=127.0.0.1:${nodePort}`,
      ]),
    },
    {
      job: 'pgbouncer_exporter',
      child: await start(
        'pgbouncer_exporter',
        pgbouncerPort!,
        '/usr/bin/python3',
        [
          ...['-c', repairedPgbouncerExporter],
          ...['--host', '127.0.0.1', '--port', String(pgbouncerPort)],
          ...['--pgbouncer-host', console.hostname, '--pgbouncer-port', console.port],
          ...['--pgbouncer-user', console.username],
        ],
        { PGPASSWORD: console.password },
      ),
    },
  ]
  const ports = [postgresPort, nodePort, pgbouncerPort]
  const configFile = join(directory, 'vmagent.yaml')
  writeFileSync(
    configFile,
    stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: exporters.map(({ job }, i) => ({
        job_name: job,
        static_configs: [{ targets: [`127.0.0.1:${ports[i]}`] }],
      })),
    }),
  )
  const vmagent = await start('vmagent', vmagentPort!, program('vmagent'), [
    `-promscrape.config=${configFile}`,
    `-remoteWrite.url=${collectorUrl}/api/v1/write`,
    `-remoteWrite.tmpDataPath=${join(directory, 'vmagent')}`,
    `-httpListenAddr=127.0.0.1:${vmagentPort}`,
    '-loggerLevel=WARN',
  ])
  const owned = stack.move()
  return { exporters, vmagent, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    await answer.arrayBuffer()
    return answer.ok
  } catch {
    return false
  }
}
