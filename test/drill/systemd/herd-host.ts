import { mkdirSync, writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { z } from 'zod'
import { nestOptions } from '../../../common/config/nest-options.ts'
import type { ExtraConfig } from '../../../testbed/pgherd.ts'
import { installPgherd } from '../../../testbed/systemd-host/install-pgherd.ts'
import { installPostgres } from '../../../testbed/systemd-host/postgres-unit.ts'
import type { HostPostgres } from '../../../testbed/systemd-host/postgres-unit.ts'
import { serviceOf } from '../../../testbed/systemd-host/service.ts'
import type { Service } from '../../../testbed/systemd-host/service.ts'
import { createSystemdHost } from '../../../testbed/systemd-host/systemd-host.ts'
import type { SystemdHost } from '../../../testbed/systemd-host/systemd-host.ts'
import { waitFor } from '../../../testbed/wait.ts'

/** A host that has booted, with PostgreSQL running and with the units of both programs, configured but not started. */
export interface HerdHost extends AsyncDisposable {
  readonly host: SystemdHost
  readonly postgres: HostPostgres
  readonly server: Service
  readonly agent: Service
  readonly collector: Service
  /** @param name of the unit: `pgherd-agent` */
  service(name: string): Service
  /** Writes `/etc/pgherd/NAME.yaml`, of which the other options are as they were made. */
  configure(name: 'agent' | 'collector', options: ExtraConfig): void
  /** The samples of a selector that the collector has, of all series, oldest first. */
  samplesOf(selector: string): Promise<readonly Sample[]>
  /** Waits until the agent's latest measurement of PostgreSQL, made from now on, is in the collector. */
  isMeasured(cluster?: string): Promise<void>
}

interface Sample {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly value: number
}

const url = 'http://127.0.0.1:8432'
const password = 'correct horse'
const exported = z.object({ timestamps: z.array(z.number()), values: z.array(z.number().nullable()) })

const defaults = {
  collector: {
    'http.plain_listen': '127.0.0.1:8432',
    'auth.anonymous_role': 'admin',
    'store.directory': '/var/lib/pgherd/collector',
  },
  agent: agentOptions('pg-main', 'pgherd-agent.service', 'pgherd-agent'),
} as const

/** Of an agent whose server is the host's and whose password is a credential of its unit. */
export function agentOptions(cluster: string, unit: string, credential: string): ExtraConfig {
  return {
    'identity.cluster': cluster,
    'identity.seq': 1,
    'identity.ip': '127.0.0.1',
    'postgres.url': 'postgres://pgherd@127.0.0.1:5432/postgres',
    'postgres.password_file': `/run/credentials/${unit}/${credential}.password`,
    'collector.url': url,
    'scrape.interval': '2s',
    'scrape.timeout': '1900ms',
  }
}

export async function startHerdHost(): Promise<HerdHost> {
  await using stack = new AsyncDisposableStack()
  const host = stack.use(await createSystemdHost())
  await installPgherd(host)
  await host.powerOn()
  const postgres = await installPostgres(host)
  await postgres.query(`create role pgherd login password '${password}'`)
  await postgres.query('grant pg_monitor to pgherd')
  mkdirSync(host.path('/etc/credstore'), { mode: 0o700 })
  for (const name of ['pgherd-agent', 'pgherd-agent-a', 'pgherd-agent-b']) {
    writeFileSync(host.path(`/etc/credstore/${name}.password`), `${password}\n`, { mode: 0o600 })
  }
  const service = (name: string): Service => serviceOf(host, `${name}.service`)
  const kept = stack.move()
  const herd: HerdHost = {
    host,
    postgres,
    service,
    server: service('postgres'),
    agent: service('pgherd-agent'),
    collector: service('pgherd-collector'),
    configure(name, options) {
      const file = host.path(`/etc/pgherd/${name}.yaml`)
      writeFileSync(file, stringify(nestOptions({ ...defaults[name], ...options })))
    },
    async samplesOf(selector) {
      const query = ['--get', '--data-urlencode', `match[]=${selector}`, `${url}/api/v1/export`]
      const text = await host.mustRun('curl', ['--silent', '--show-error', '--fail', ...query])
      return (
        text
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => exported.parse(JSON.parse(line)))
          .flatMap(({ timestamps, values }) =>
            timestamps.map((at, i) => ({ at, value: values[i] ?? undefined })),
          )
          // Where a series ends is no measurement.
          .filter((sample): sample is Sample => sample.value !== undefined)
          .sort((a, b) => a.at - b.at)
      )
    },
    async isMeasured(cluster = 'pg-main') {
      const since = Date.now()
      const selector = `pg_up{cls="${cluster}"}`
      await waitFor(
        'a new measurement in the collector',
        async () => ((await herd.samplesOf(selector)).at(-1)?.at ?? 0) >= since,
        { timeoutMs: 30_000, intervalMs: 200 },
      )
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
  herd.configure('agent', {})
  herd.configure('collector', {})
  return herd
}
