import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import { stringify } from 'yaml'
import { nodesAnswer } from '../../common/wire/nodes.ts'
import { startFleet } from '../../testbed/fleet.ts'
import { createOwnDirectory } from '../../testbed/own-directory.ts'
import { postgresMajors, startPostgres, startStandby } from '../../testbed/postgres.ts'
import type { PostgresServer } from '../../testbed/postgres.ts'
import type { PgherdProcess } from '../../testbed/pgherd.ts'
import { unprivilegedOwner } from '../../testbed/unprivileged.ts'
import { waitFor } from '../../testbed/wait.ts'

/** A cluster of two whose operator has done something with it: what there is to see on every page. */
export interface WebHerd extends AsyncDisposable {
  /** Where a request without a token is a viewer's. */
  readonly url: string
  readonly primary: PostgresServer
  /** A bearer token of an operator. */
  readonly operatorToken: string
}

/** pg_basebackup is Debian's, and makes backups of servers up to its own version. */
const backupMajor = postgresMajors.find((major) => major === 15)
export const canBackUp = backupMajor !== undefined

/** Fires at once and for ever, with all that a person may want to know. */
const rules = {
  groups: [
    {
      name: 'web',
      interval: '1s',
      rules: [
        {
          alert: 'ServerAnswers',
          expr: 'pg_up{ins="pg-web-1"} == 1',
          labels: { severity: 'INFO', level: '2', category: 'pgsql' },
          annotations: {
            summary: 'PostgreSQL {{ $labels.ins }} answers',
            description:
              'It is only a test. First, on {{ $labels.ip }}: 1. `agentctl show activity -n {{ $labels.ins }}` tells what runs; 2. go home.',
            runbook_url: 'docs/18-alerts.md#serveranswers',
            dashboard: '/d/pgherd-instance?var-cls={{ $labels.cls }}&var-ins={{ $labels.ins }}',
          },
        },
      ],
    },
  ],
}

const page = new URL('../../collector/web/', import.meta.url).pathname

/** The collector serves what was built last; a test is of what is there now. */
async function buildPage(): Promise<void> {
  await build({
    root: page,
    configFile: `${page}vite.config.ts`,
    logLevel: 'error',
    // Collectors of other tests serve what was there when they began.
    build: { emptyOutDir: false },
  })
}

export async function startWebHerd(): Promise<WebHerd> {
  await using stack = new AsyncDisposableStack()
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-web-'))
  stack.defer(() => rmSync(directory, { recursive: true, force: true }))
  const backups = stack.use(createOwnDirectory({ prefix: 'pgherd-web-backups-' }, unprivilegedOwner()))
  const [server] = await Promise.all([
    startPostgres(backupMajor === undefined ? {} : { major: backupMajor }),
    // Before the collector starts, which lists the files of the page once.
    buildPage(),
  ])
  const primary = stack.use(server)
  await primary.query('create role pgherd login replication')
  await primary.query('grant pg_monitor to pgherd')
  const rulesFile = join(directory, 'rules.yaml')
  writeFileSync(rulesFile, stringify(rules))
  const [standby, fleet] = await Promise.all([
    startStandby(primary, { name: 'pg-web-2' }),
    startFleet({ directory, operatorName: 'alice', extraConfig: { 'rules.files': [rulesFile] } }),
  ])
  stack.use(standby)
  stack.use(fleet)

  const addAgent = async (seq: number, server: PostgresServer, extraConfig = {}): Promise<PgherdProcess> => {
    const home = join(directory, `agent-${seq}`)
    mkdirSync(home)
    writeFileSync(join(home, 'policy.yaml'), 'rules:\n  - kinds: [read, change]\n')
    return fleet.addAgent({
      directory: home,
      cluster: 'pg-web',
      seq,
      postgresUrl: server.url('postgres', 'pgherd'),
      interval: '1s',
      extraConfig: { 'scrape.timeout': '800ms', ...extraConfig },
    })
  }
  const policyFile = join(directory, 'backup.yaml')
  const policy = {
    engine: 'pg_basebackup',
    schedules: { full: '0 1 1 1 *' },
    repositories: [{ kind: 'local', path: join(backups.path, 'pg-web'), retention: { full: 2 } }],
    guard: { load_per_cpu: 'none', lag: 'none', io_pressure_percent: 'none' },
  }
  writeFileSync(policyFile, stringify({ clusters: { 'pg-web': policy } }))
  const [first, second] = await Promise.all([
    addAgent(1, primary, canBackUp ? { 'backup.policy_file': policyFile } : {}),
    addAgent(2, standby),
  ])
  stack.use(first)
  stack.use(second)

  const agentctl = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await fleet.operator.agentctl(...args)
    if (status === 0) return stdout
    throw new Error(`agentctl ${args.join(' ')} ended with ${status ?? '?'}: ${stderr}\n${first.logTail(10)}`)
  }
  await waitFor(
    'both servers are known',
    async () => {
      const { data } = nodesAnswer.parse(await (await fetch(`${fleet.collector.url}/api/v1/nodes`)).json())
      return data.length === 2 && data.every(({ servers }) => servers[0]?.systemIdentifier != null)
    },
    { timeoutMs: 30_000, intervalMs: 100, explain: () => first.logTail(5) },
  )
  const [operatorToken] = await Promise.all([
    agentctl('tokens', 'create', 'web-operator', 'operator'),
    agentctl('tune', 'advise', 'pg-web-1'),
    ...(canBackUp ? [agentctl('backup', 'run', 'pg-web', '--yes')] : []),
  ])
  const owned = stack.move()
  return {
    url: fleet.collector.url,
    primary,
    operatorToken: operatorToken.trim(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
