import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { nestOptions } from '../../../common/config/nest-options.ts'
import { commandsOf } from '../../../setup/packages/commands.ts'
import { installPgherd } from '../../../testbed/systemd-host/install-pgherd.ts'
import { installPostgres } from '../../../testbed/systemd-host/postgres-unit.ts'
import { serviceOf } from '../../../testbed/systemd-host/service.ts'
import { createSystemdHost } from '../../../testbed/systemd-host/systemd-host.ts'
import { waitFor } from '../../../testbed/wait.ts'

const url = 'https://127.0.0.1:8432'

test('the line of agentctl enroll, pasted on a host with PostgreSQL, leaves an enabled agent whose password is a credential and whose samples arrive', async () => {
  const begin = performance.now()
  const steps: string[] = []
  const passed = (what: string): void => {
    steps.push(`${((performance.now() - begin) / 1000).toFixed(1)} s ${what}`)
  }
  await using host = await createSystemdHost()
  await installPgherd(host)
  for (const [command, text] of [...commandsOf('agent'), ...commandsOf('collector')]) {
    const file = host.path(`/usr/bin/${command}`)
    writeFileSync(file, text)
    chmodSync(file, 0o755)
  }
  symlinkSync('../repository/agentctl/main.ts', host.path('/usr/lib/pgherd/collector/agentctl.mjs'))
  await host.powerOn()
  const postgres = await installPostgres(host)
  passed('PostgreSQL runs')

  const collector = serviceOf(host, 'pgherd-collector.service')
  const agent = serviceOf(host, 'pgherd-agent.service')
  mkdirSync(host.path('/etc/pgherd'), { recursive: true })
  const config = stringify(nestOptions({ 'http.listen': new URL(url).host }))
  writeFileSync(host.path('/etc/pgherd/collector.yaml'), config)
  const init = ['--', 'pgherd-collector', 'init', '--config', '/etc/pgherd/collector.yaml']
  const told = await host.mustRun('runuser', ['-u', 'pgherd-collector', ...init], { timeoutMs: 60_000 })
  await collector.systemctl('start')
  passed('the collector runs')
  const agentctl = (...words: readonly string[]): Promise<string> =>
    host.mustRun(
      'env',
      [
        ...[`PGHERD_COLLECTOR_URL=${url}`, `PGHERD_TOKEN=${/pgh_[\w-]+/.exec(told)?.[0] ?? ''}`],
        ...['PGHERD_CA_FILE=/var/lib/pgherd/collector/trust/ca.pem', 'agentctl', ...words],
      ],
      { timeoutMs: 60_000 },
    )
  const enrolled = await agentctl('enroll', 'pg-main-1')
  const line = /^ *sudo (pgherd-agent setup .*)$/m.exec(enrolled)?.[1] ?? ''
  expect(line).toContain(`--join '${url}#`)

  // Other servers of this machine are not in its namespace of processes.
  const setup = await host.run('sh', ['-c', `${line} --yes`], { timeoutMs: 120_000 })
  expect(setup.stderr).toBe('')
  expect(setup.status).toBe(0)
  expect(setup.stdout).toMatch(/systemctl enable pgherd-agent[\s\S]*systemctl start pgherd-agent/)
  expect(await agent.property('ActiveState')).toBe('active')
  expect(await agent.property('UnitFileState')).toBe('enabled')
  passed('setup has ended')
  await waitFor(
    'a sample of pg-main-1 at the collector',
    async () => (await agentctl('query', 'pg_up{ins="pg-main-1"} == 1')).includes('pg-main-1'),
    { timeoutMs: 60_000, intervalMs: 200 },
  )
  passed('the first sample')
  console.info(`From an empty root to the first sample:\n  ${steps.join('\n  ')}`)

  const stored = '/etc/credstore/pgherd-agent.password'
  expect(await host.mustRun('stat', ['-c', '%a %U', stored])).toBe('600 root\n')
  const password = readFileSync(host.path(stored), 'utf8')
  const handedOn = '/run/credentials/pgherd-agent.service/pgherd-agent.password'
  expect(await host.mustRun('cat', [handedOn])).toBe(password)
  const sessions = `select distinct usename from pg_stat_activity where application_name = 'pgherd'`
  expect(await postgres.query(sessions)).toBe('pgherd\n')

  const pid = await agent.mainPid()
  const again = await host.run('pgherd-agent', ['setup', '--yes'], { timeoutMs: 120_000 })
  expect(again).toMatchObject({ status: 0, stderr: '' })
  expect(again.stdout).toMatch(/^Nothing was to be done/m)
  expect(await agent.mainPid()).toBe(pid)
})
