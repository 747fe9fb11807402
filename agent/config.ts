import { networkInterfaces } from 'node:os'
import type { NetworkInterfaceInfo } from 'node:os'
import { boolean, hidePassword, integer, list, loopbackListen, oneOf, text } from '../common/config/kinds.ts'
import { option, optional, required } from '../common/config/option-table.ts'
import type { Config } from '../common/config/option-table.ts'
import type { Program } from '../common/config/command-line.ts'
import { logLevels } from '../common/log.ts'
import { accessProblems } from '../common/config/access-options.ts'
import { actionsOptions } from './config/actions-options.ts'
import { backupOptions } from './config/backup-options.ts'
import { address, clusterName } from './config/names.ts'
import { healthOptions, healthProblems } from './config/health-options.ts'
import { insightOptions } from './config/insight-options.ts'
import { neighbourOptions } from './config/neighbour-options.ts'
import { postgresOptions } from './config/postgres-options.ts'
import { pushOptions } from './config/push-options.ts'
import { secretsOptions } from './config/secrets-options.ts'
import { scrapeOptions } from './config/scrape-options.ts'
import { tuningOptions } from './config/tuning-options.ts'
import { twinProblems } from './config/twins.ts'

/** Every option of the agent: the file's keys, the flags, the environment, `--help` and the reference. */
export const agentOptions = {
  'identity.cluster': required(clusterName, 'name of the cluster, the cls label'),
  'identity.seq': required(
    integer({ min: 0, max: 99_999 }),
    'number of this member within its cluster; the ins label is <cluster>-<seq>',
  ),
  'identity.ip': option(
    address,
    "address of this host, the ip label; by default the first address that is not the host's own loopback",
    firstAddress(),
  ),
  ...postgresOptions,
  'host.enabled': option(boolean, 'whether the machine is watched', true),
  'host.units': optional(
    list(text({ pattern: /^\S+$/, allowed: 'a systemd unit name, in which * stands for any text' })),
    "systemd units to watch; PostgreSQL's and its neighbours' unless told",
  ),
  ...neighbourOptions,
  ...scrapeOptions,
  ...pushOptions,
  ...actionsOptions,
  ...healthOptions,
  ...backupOptions,
  ...tuningOptions,
  ...insightOptions,
  ...secretsOptions,
  'http.listen': optional(
    loopbackListen,
    "address for the agent's own /metrics, /health and /reload; none by default",
  ),
  'log.level': option(oneOf(logLevels), 'least severe level that is logged', 'info'),
} as const

export type AgentConfig = Config<typeof agentOptions>

export const agentProgram: Program<typeof agentOptions> = {
  name: 'pgherd-agent',
  what: 'Watches the PostgreSQL servers on this host and its machine, and pushes what it measures to the collector.',
  table: agentOptions,
  environmentPrefix: 'PGHERD_AGENT',
  commands: {
    setup: 'sets the agent up on this host, from the look at what runs to the start',
    join: 'makes this host a member of the fleet',
    tune: 'recommends a configuration for a machine or a new cluster',
    watchdog: 'checks a policy on stuck sessions',
  },
  modes: {
    once: { what: "measure everything once, print it in Prometheus' text format, and exit" },
    explain: {
      placeholder: '<probe>',
      what: 'tell which branch of a probe (or metric) is chosen on each server, and why, and exit; "all" for all',
    },
    'self-test': { what: 'tell what can be measured, what it costs, and which GRANT is missing, and exit' },
  },
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
    ...(['scrape.endpoints', 'destinations', 'neighbours'] as const).flatMap((key) =>
      config[key].flatMap((record, i) => accessProblems(`${key}[${i}]`, record)),
    ),
    ...config.neighbours.flatMap(({ kind, addresses }, i) =>
      kind === 'vip' && addresses === undefined
        ? [`neighbours[${i}].addresses: missing; allowed: the addresses that move between hosts`]
        : [],
    ),
    ...healthProblems(config),
    ...twinProblems(config),
    ...repeated(
      'destinations',
      'name',
      config['destinations'].map(({ name }) => name),
    ),
  ],
}

function repeated(key: string, field: string, names: readonly string[]): readonly string[] {
  return names.flatMap((name, i) =>
    names.indexOf(name) === i ? [] : [`${key}[${i}].${field}: was ${name} a second time; allowed: each once`],
  )
}

/** The address other hosts most likely know this one by: the first that is neither loopback nor link-local. */
function firstAddress(): string {
  const addresses = interfaceAddresses()
  const usable = addresses.filter((one) => !one.internal && !one.address.startsWith('fe80:'))
  return (usable.find((one) => one.family === 'IPv4') ?? usable[0])?.address ?? '127.0.0.1'
}

/** Of this host; none where a sandbox forbids to ask (RestrictAddressFamilies without AF_NETLINK). */
export function interfaceAddresses(): readonly NetworkInterfaceInfo[] {
  try {
    return Object.values(networkInterfaces()).flatMap((interfaces) => interfaces ?? [])
  } catch {
    return []
  }
}
