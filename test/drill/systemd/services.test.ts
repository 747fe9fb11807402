import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { nestOptions } from '../../../common/config/nest-options.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { agentOptions, startHerdHost } from './herd-host.ts'
import type { HerdHost } from './herd-host.ts'

let herd: HerdHost

beforeAll(async () => {
  herd = await startHerdHost()
})
afterAll(() => herd[Symbol.asyncDispose]())

const collectorAnswers = async (): Promise<boolean> =>
  (await herd.host.run('curl', ['--silent', '--fail', 'http://127.0.0.1:8432/-/ready'])).status === 0

test('the collector is active once it answers, and activating until then', async () => {
  expect(await collectorAnswers()).toBe(false)
  await herd.collector.systemctl('start', '--no-block')
  await herd.collector.reaches('ActiveState', 'activating')
  await herd.collector.reaches('ActiveState', 'active')
  expect(await collectorAnswers()).toBe(true)
  expect(await herd.collector.property('StatusText')).toBe('serves http://127.0.0.1:8432')
  expect(await herd.collector.systemctl('status')).toContain('Status: "serves http://127.0.0.1:8432"')
})

test('the agent is active once it has measured, and activating until then', async () => {
  // So that nothing but an answer of the server ends its first measurement.
  herd.configure('agent', { 'scrape.interval': '90s', 'scrape.timeout': '80s' })
  await herd.server.systemctl('kill', '--signal=STOP')
  await herd.agent.systemctl('start', '--no-block')
  await waitFor('the agent measures', async () =>
    (await herd.agent.journal()).some(({ MESSAGE }) => String(MESSAGE).includes('"msg":"ready"')),
  )
  expect(await herd.agent.property('ActiveState')).toBe('activating')
  await herd.server.systemctl('kill', '--signal=CONT')
  await herd.agent.reaches('ActiveState', 'active')
  expect(await herd.agent.property('StatusText')).toMatch(/^measures \d+ sources$/)
  await waitFor(
    'its only measurement in the collector',
    async () => (await herd.samplesOf('pg_up')).length > 0,
  )
  expect(await herd.samplesOf('pg_up')).toHaveLength(1)
})

test('the agent logs in to PostgreSQL by a password out of /etc/credstore, which nobody else can read', async () => {
  herd.configure('agent', {})
  await herd.agent.systemctl('restart')
  await herd.isMeasured()
  const sessions = `select distinct usename, client_addr from pg_stat_activity where application_name = 'pgherd'`
  expect(await herd.postgres.query(sessions)).toBe('pgherd|127.0.0.1\n')
  const file = '/run/credentials/pgherd-agent.service/pgherd-agent.password'
  const read = await herd.host.run('cat', [file], { owner: unprivilegedOwner() })
  expect(read).toMatchObject({ status: 1, stdout: '' })
  expect(await herd.host.mustRun('cat', [file])).toBe('correct horse\n')
})

test('lines have the priority of their level and the fields of their program in the journal', async () => {
  herd.configure('agent', {})
  await herd.agent.systemctl('restart')
  await herd.server.systemctl('stop')
  const ofAgent = () => herd.agent.journal('PGHERD_PROGRAM=agent')
  await waitFor('a warning', async () =>
    (await ofAgent()).some(({ MESSAGE }) => String(MESSAGE).includes('PostgreSQL is down')),
  )
  await herd.server.systemctl('start')
  const lines = (await ofAgent()).map(({ MESSAGE, PRIORITY, SYSLOG_IDENTIFIER }) => {
    const { level } = JSON.parse(String(MESSAGE)) as { level: string }
    return `${level} ${String(PRIORITY)} ${String(SYSLOG_IDENTIFIER)}`
  })
  expect([...new Set(lines)].sort()).toEqual(['info 6 pgherd-agent', 'warn 4 pgherd-agent'])
  const collector = await herd.collector.journal('PGHERD_PROGRAM=collector')
  expect(collector.length).toBeGreaterThan(0)
  const warnings = await herd.agent.journal('PGHERD_PROGRAM=agent', '--priority=warning')
  expect(warnings.map(({ MESSAGE }) => String(MESSAGE)).join('\n')).toContain('PostgreSQL is down')
})

test('a reload reads rules and probes again, in the same process', async () => {
  herd.configure('collector', { 'rules.files': ['/etc/pgherd/rules/*.yml'] })
  herd.configure('agent', { 'postgres.more_probes': '/etc/pgherd/probes.yml' })
  await herd.host.mustRun('mkdir', ['/etc/pgherd/rules'])
  writeFileSync(herd.host.path('/etc/pgherd/probes.yml'), probeOf('before'))
  await herd.collector.systemctl('restart')
  await herd.agent.systemctl('restart')
  const pids = async () => [await herd.collector.mainPid(), await herd.agent.mainPid()]
  const before = await pids()
  const rule = { record: 'drill:up', expr: 'max(pg_up)' }
  writeFileSync(
    herd.host.path('/etc/pgherd/rules/drill.yml'),
    stringify({ groups: [{ name: 'drill', interval: '1s', rules: [rule] }] }),
  )
  writeFileSync(herd.host.path('/etc/pgherd/probes.yml'), probeOf('after'))
  await herd.collector.systemctl('reload')
  await herd.agent.systemctl('reload')
  for (const metric of ['drill:up', 'drill_after']) {
    await waitFor(metric, async () => (await herd.samplesOf(metric)).length > 0, { timeoutMs: 30_000 })
  }
  expect(await pids()).toEqual(before)
})

function probeOf(column: string): string {
  const metrics = [{ [column]: { usage: 'GAUGE', description: 'Which file was read' } }]
  return stringify({ drill: { query: `select 1 as ${column}`, ttl: 1, metrics } })
}

test('two instances run beside each other and beside the agent of the host', async () => {
  const names = ['a', 'b'] as const
  for (const name of names) {
    const options = agentOptions(`pg-${name}`, `pgherd-agent@${name}.service`, `pgherd-agent-${name}`)
    writeFileSync(herd.host.path(`/etc/pgherd/agent-${name}.yaml`), stringify(nestOptions(options)))
  }
  const [a, b] = names.map((name) => herd.service(`pgherd-agent@${name}`)) as [
    typeof herd.agent,
    typeof herd.agent,
  ]
  await a.systemctl('start')
  await b.systemctl('start')
  await Promise.all(['pg-main', 'pg-a', 'pg-b'].map((cluster) => herd.isMeasured(cluster)))
  const fields = await herd.host.mustRun('journalctl', ['--field=PGHERD_INSTANCE'])
  expect(fields.trim().split('\n').sort()).toEqual(['a', 'b'])
  await a.systemctl('stop')
  await herd.isMeasured('pg-b')
  expect(await a.property('ActiveState')).toBe('inactive')
  await b.systemctl('stop')
})

test('a wrong configuration ends with status 2 and without a second try', async () => {
  herd.configure('agent', { 'scrape.interval': 'often' })
  await expect(herd.agent.systemctl('restart')).rejects.toThrow()
  const state = async () => [await herd.agent.property('ActiveState'), await herd.agent.property('SubState')]
  // A restart to come would be `activating (auto-restart)`.
  expect(await state()).toEqual(['failed', 'failed'])
  expect(await herd.agent.property('ExecMainStatus')).toBe('2')
  expect(await herd.agent.property('NRestarts')).toBe('0')
  const last = (await herd.agent.journal('PGHERD_PROGRAM=agent')).at(-1)
  expect(String(last?.['MESSAGE'])).toContain('scrape.interval')
  herd.configure('agent', {})
  await herd.agent.systemctl('start')
})

test('both end by themselves when they are stopped, within TimeoutStopSec', async () => {
  for (const service of [herd.agent, herd.collector]) {
    const begin = performance.now()
    await service.systemctl('stop')
    const tookMs = performance.now() - begin
    expect(tookMs * 1000).toBeLessThan(microseconds(await service.property('TimeoutStopUSec')))
    // Neither a signal nor a deadline of systemd's ended it.
    expect(await service.property('Result')).toBe('success')
    expect(await service.property('ExecMainStatus')).toBe('0')
    await service.systemctl('start')
  }
})

/** Of `20s` or `1min`, as `systemctl show` prints it. */
function microseconds(text: string): number {
  const [, minutes = '0', seconds = '0'] = /^(?:(\d+)min)? ?(?:(\d+)s)?$/.exec(text) ?? []
  return (Number(minutes) * 60 + Number(seconds)) * 1e6
}

test('after a power cut the boot brings up what is enabled, and what was measured before is there', async () => {
  await herd.agent.systemctl('enable')
  await herd.collector.systemctl('enable')
  await herd.isMeasured()
  const before = await herd.samplesOf('pg_up{cls="pg-main"}')
  await herd.host.powerCut()
  await herd.host.powerOn()
  await herd.collector.reaches('ActiveState', 'active')
  await herd.agent.reaches('ActiveState', 'active')
  await herd.isMeasured()
  expect(await herd.samplesOf('pg_up{cls="pg-main"}')).toEqual(expect.arrayContaining([...before]))
  expect(await herd.agent.property('NRestarts')).toBe('0')
})
