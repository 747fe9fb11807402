import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { stringify } from 'yaml'
import { nestOptions } from '../../../common/config/nest-options.ts'
import { installPostgres } from '../../../testbed/systemd-host/postgres-unit.ts'
import { serviceOf } from '../../../testbed/systemd-host/service.ts'
import { createSystemdHost } from '../../../testbed/systemd-host/systemd-host.ts'
import { agentOptions } from '../systemd/herd-host.ts'

const names = ['agent', 'collector'] as const
const password = 'correct horse'

/** A host that has booted with PostgreSQL, onto which dpkg puts packages. */
export interface DebianHost extends AsyncDisposable {
  /** Writes the configuration of both programs, and the agent's password. */
  configure(): void
  /** @throws Error unless dpkg succeeded, with what it printed */
  install(packages: readonly string[]): Promise<void>
  dpkg(...args: readonly string[]): Promise<void>
  systemctl(...args: readonly string[]): Promise<string>
  /** What systemd knows of both units, in a line each: whether they are enabled, run, and failed. */
  units(): Promise<readonly string[]>
  mainPid(name: (typeof names)[number]): Promise<number>
  /** The status and output of a command. */
  say(...command: readonly string[]): Promise<string>
}

export async function startDebianHost(): Promise<DebianHost> {
  await using stack = new AsyncDisposableStack()
  const host = stack.use(await createSystemdHost())
  // Images of containers have one that forbids packages to start and stop services.
  rmSync(host.path('/usr/sbin/policy-rc.d'), { force: true })
  await host.powerOn()
  const postgres = await installPostgres(host)
  await postgres.query(`create role pgherd login password '${password}'`)
  await postgres.query('grant pg_monitor to pgherd')
  const kept = stack.move()
  const systemctl = (...args: readonly string[]): Promise<string> => host.mustRun('systemctl', args)
  const dpkg = async (...args: readonly string[]): Promise<void> => {
    await host.mustRun('dpkg', args, { timeoutMs: 120_000 })
  }
  const service = (name: string) => serviceOf(host, `pgherd-${name}.service`)
  return {
    configure() {
      mkdirSync(host.path('/etc/pgherd'), { recursive: true })
      mkdirSync(host.path('/etc/credstore'), { recursive: true, mode: 0o700 })
      writeFileSync(host.path('/etc/credstore/pgherd-agent.password'), `${password}\n`, { mode: 0o600 })
      const options = {
        agent: agentOptions('pg-main', 'pgherd-agent.service', 'pgherd-agent'),
        collector: { 'http.plain_listen': '127.0.0.1:8432', 'auth.anonymous_role': 'admin' },
      }
      for (const name of names) {
        writeFileSync(host.path(`/etc/pgherd/${name}.yaml`), stringify(nestOptions(options[name])))
      }
    },
    async install(packages) {
      const folder = '/var/cache/pgherd-packages'
      mkdirSync(host.path(folder), { recursive: true })
      for (const file of packages) cpSync(file, host.path(join(folder, basename(file))))
      await dpkg('--install', ...packages.map((file) => join(folder, basename(file))))
    },
    dpkg,
    systemctl,
    units: () =>
      Promise.all(
        names.map(async (name) => {
          const properties = await Promise.all(
            ['LoadState', 'UnitFileState', 'ActiveState'].map((property) => service(name).property(property)),
          )
          return [name, ...properties.filter((text) => text !== '')].join(' ')
        }),
      ),
    mainPid: (name) => service(name).mainPid(),
    async say(command = '', ...args) {
      const { status, stdout, stderr } = await host.run(command, args)
      return `${status ?? 'ended'} ${stdout}${stderr}`.trim()
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
