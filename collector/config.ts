import { fileURLToPath } from 'node:url'
import { bytes, duration, integer, list, oneOf, path, url } from '../common/config/kinds.ts'
import { network } from '../common/config/network.ts'
import { option, optional } from '../common/config/option-table.ts'
import type { Config } from '../common/config/option-table.ts'
import type { Program } from '../common/config/command-line.ts'
import { logLevels } from '../common/log.ts'
import { ingestOptions } from './ingest-options.ts'
import { insightOptions } from './insight-options.ts'
import { notifyOptions, notifyProblems } from './notify-options.ts'
import { storeOptions, storeProblems } from './store-options.ts'
import { trustOptions, trustProblems } from './trust-options.ts'

/** Every option of the collector: the file's keys, the flags, the environment, `--help` and the reference. */
export const collectorOptions = {
  ...trustOptions,
  'http.external_url': optional(
    url(['http', 'https']),
    'address under which people reach this collector, for links in alerts',
  ),
  'http.max_answer_samples': option(
    integer({ min: 1_000, max: 1_000_000_000 }),
    'most samples of one answer; all that are being sent at one time have twice as many',
    10_000_000,
  ),
  'http.max_connections': option(
    integer({ min: 10, max: 1_000_000 }),
    'most connections at one time, a quarter of them from one address; each agent has one or two',
    8_192,
  ),
  'http.proxies': option(
    list(network),
    'proxies and NAT gateways from which more than a quarter of http.max_connections may come',
    [] as readonly string[],
  ),
  ...storeOptions,
  ...ingestOptions,
  ...insightOptions,
  'query.timeout': option(duration({ min: '1s', max: '10m' }), 'deadline of one query', 30_000),
  'query.max_samples': option(
    integer({ min: 1_000, max: 1_000_000_000 }),
    'most samples one query may load',
    50_000_000,
  ),
  'query.max_memory': optional(
    bytes({ min: 64 * 2 ** 20, max: 2 ** 50 }),
    'what all running queries may hold together, and one of them half of; a quarter of the memory by default',
  ),
  'query.max_series': option(
    integer({ min: 10, max: 100_000_000 }),
    'most series one selector may match',
    500_000,
  ),
  'rules.files': option(
    list(path),
    'rule files in Prometheus format, by default those that come with pgherd; * stands for any file name',
    [fileURLToPath(new URL('../rules/*.yaml', import.meta.url))],
  ),
  'rules.interval': option(
    duration({ min: '1s', max: '1h' }),
    'evaluation interval of groups without one',
    10_000,
  ),
  ...notifyOptions,
  'log.level': option(oneOf(logLevels), 'least severe level that is logged', 'info'),
} as const

export type CollectorConfig = Config<typeof collectorOptions>

export const collectorProgram: Program<typeof collectorOptions> = {
  name: 'pgherd-collector',
  what: 'Stores what the agents measure, answers PromQL, evaluates rules, and shows the fleet.',
  table: collectorOptions,
  environmentPrefix: 'PGHERD_COLLECTOR',
  commands: {
    init: "makes the fleet's authority, the collector's certificate and the first admin token",
    'admin-token': 'makes an admin token for whoever has lost the last one',
    backup: 'copies all that a collector has, also while it runs',
    restore: "makes a collector's directory of a backup",
    migrate: 'moves metrics between the embedded store, VictoriaMetrics and Prometheus, with their history',
    'grafana provision': 'brings data source and dashboards into a Grafana',
    'rules check|test': 'checks rule files and runs their unit tests',
    'store verify|stats|export': 'checks, shows or exports a store on which no collector runs',
  },
  check: (config) => [...trustProblems(config), ...storeProblems(config), ...notifyProblems(config)],
}
