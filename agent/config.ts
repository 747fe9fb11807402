import { networkInterfaces } from 'node:os'
import {
  bytes,
  duration,
  hidePassword,
  integer,
  loopbackListen,
  oneOf,
  path,
  text,
  url,
} from '../common/config/kinds.ts'
import { option, optional, required } from '../common/config/option-table.ts'
import type { Config } from '../common/config/option-table.ts'
import type { Program } from '../common/config/command-line.ts'
import { logLevels } from '../common/log.ts'

/** Every option of the agent: the file's keys, the flags, the environment, `--help` and the reference. */
export const agentOptions = {
  'identity.cluster': required(
    text({
      pattern: /^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/,
      allowed: 'a cluster name of 1 to 63 letters, digits and dashes, such as pg-main',
      placeholder: '<name>',
    }),
    'name of the cluster, the cls label',
  ),
  'identity.seq': required(
    integer({ min: 0, max: 99_999 }),
    'number of this member within its cluster; the ins label is <cluster>-<seq>',
  ),
  'identity.ip': option(
    text({
      pattern: /^[0-9A-Fa-f.:]{2,45}$/,
      allowed: 'an IP address, such as 10.10.10.11',
      placeholder: '<address>',
    }),
    "address of this host, the ip label; by default the first address that is not the host's own loopback",
    firstAddress(),
  ),
  'postgres.url': option(
    url(['postgres', 'postgresql']),
    'server to watch, directly and never through a pooler; a socket directory goes into ?host=',
    'postgres://pgherd@localhost:5432/postgres?host=/var/run/postgresql',
  ),
  'postgres.password_file': optional(
    path,
    'file whose first line is the password, read at every connect; needless with peer authentication',
  ),
  'postgres.probes': optional(path, "directory with probe files in place of the agent's own catalogue"),
  'collector.url': option(
    url(['http', 'https']),
    'the collector, or any remote-write receiver at <url>/api/v1/write',
    'http://127.0.0.1:8432',
  ),
  'scrape.interval': option(duration({ min: '1s', max: '5m' }), 'time between measurements', 10_000),
  'scrape.timeout': option(
    duration({ min: '100ms', max: '5m' }),
    'deadline of one measurement of one source; below the interval',
    8_000,
  ),
  'spool.directory': option(
    path,
    'where measurements wait until the collector has them; one directory per agent',
    '/var/lib/pgherd/agent/spool',
  ),
  'spool.max_bytes': option(
    bytes({ min: 16 * 2 ** 20, max: 2 ** 40 }),
    'disk budget of the spool; beyond it the oldest measurements are dropped and counted',
    2 ** 30,
  ),
  'spool.max_age': option(
    duration({ min: '1m', max: '30d' }),
    'measurements older than this are dropped and counted',
    24 * 3_600_000,
  ),
  'http.listen': optional(
    loopbackListen,
    "address for the agent's own /metrics and /health; none by default",
  ),
  'log.level': option(oneOf(logLevels), 'least severe level that is logged', 'info'),
} as const

export type AgentConfig = Config<typeof agentOptions>

export const agentProgram: Program<typeof agentOptions> = {
  name: 'pgherd-agent',
  what: 'Watches the PostgreSQL server on this host and its machine, and pushes what it measures to the collector.',
  table: agentOptions,
  environmentPrefix: 'PGHERD_AGENT',
  check: (config) => [
    ...(config['scrape.timeout'] < config['scrape.interval']
      ? []
      : ['scrape.timeout: was not below scrape.interval; allowed: a duration below the interval']),
    // Paths are appended to it.
    ...(/[?#]/.test(config['collector.url'])
      ? [
          `collector.url: was "${hidePassword(config['collector.url'])}"; allowed: an http or https URL without ? and #`,
        ]
      : []),
  ],
}

/** The address other hosts most likely know this one by: the first that is neither loopback nor link-local. */
function firstAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((interfaces) => interfaces ?? [])
  const usable = addresses.filter((one) => !one.internal && !one.address.startsWith('fe80:'))
  return (usable.find((one) => one.family === 'IPv4') ?? usable[0])?.address ?? '127.0.0.1'
}
