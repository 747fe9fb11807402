import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { childEnvironment } from '../../testbed/child-environment.ts'

function run(program: string, argv: readonly string[], environment: Record<string, string> = {}) {
  const result = spawnSync(process.execPath, [`${program}/main.ts`, ...argv], {
    encoding: 'utf8',
    env: { ...childEnvironment(), ...environment },
    timeout: 20_000,
  })
  return { status: result.status, stdout: result.stdout, stderr: result.stderr.trimEnd().split('\n') }
}

function file(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-config-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const name = join(directory, 'config.yaml')
  writeFileSync(name, text)
  return name
}

test('the agent reports every error of its configuration, one line each, and ends with status 2', () => {
  const config = file(
    [
      'identity: {cluster: pg main, seq: one}',
      'scrape: {interval: 10 seconds}',
      'spool: {max_byte: 1GiB}',
      'postgres: {url: "oracle://db"}',
      '',
    ].join('\n'),
  )
  const { status, stderr, stdout } = run('agent', ['--config', config])
  expect(status).toBe(2)
  expect(stdout).toBe('')
  expect(stderr.map((line) => line.replace(config, 'FILE'))).toEqual([
    'pgherd-agent: FILE:3: spool.max_byte: unknown key; allowed: spool.max_bytes, spool.max_age',
    'pgherd-agent: FILE:1: identity.cluster: was "pg main"; allowed: a cluster name of 1 to 63 letters, digits and dashes, such as pg-main',
    'pgherd-agent: FILE:1: identity.seq: was "one"; allowed: a whole number from 0 to 99999',
    'pgherd-agent: FILE:4: postgres.url: was "oracle://db"; allowed: an absolute URL that starts with postgres:// or postgresql://',
    'pgherd-agent: FILE:2: scrape.interval: was "10 seconds"; allowed: a duration from 1s to 5m, such as 500ms, 10s, 5m, 1h30m or 30d',
  ])
})

test.each([
  [
    '--postgres-url',
    'postgres://127.0.0.1/',
    'postgres.url: the URL of the PostgreSQL server names no user; allowed: postgres://<user>@<host>/<database>',
  ],
  [
    '--postgres-url',
    'postgres://us%er@127.0.0.1/',
    'postgres.url: the URL of the PostgreSQL server has a % in its user that begins no byte in UTF-8; allowed: %25 for a percent sign',
  ],
  [
    '--actions-postgres-url',
    'postgres://127.0.0.1/',
    'actions.postgres_url: the URL of the PostgreSQL server names no user; allowed: postgres://<user>@<host>/<database>',
  ],
  [
    '--collector-url',
    'http://bob:secret@127.0.0.1:8432/#top',
    'collector.url: was "http://bob:***@127.0.0.1:8432/#top"; allowed: an http or https URL without ? and #',
  ],
])('--check-config of the agent refuses %s %s', (flag, value, line) => {
  const { status, stderr } = run('agent', [
    '--identity-cluster=pg',
    '--identity-seq=1',
    '--check-config',
    flag,
    value,
  ])
  expect(stderr).toEqual([`pgherd-agent: ${line}`])
  expect(status).toBe(2)
})

test('--check-config of the agent reads the URLs of commands and through a pooler as those of measuring', () => {
  const config = file(
    [
      'identity: {cluster: pg, seq: 1}',
      'servers: [{url: "postgres://a@h/db", actions_url: "postgres://h/db"}]',
      'poolers: [{url: "postgres://a@h:6432/pgbouncer", actions_url: "postgres://h/db", through_url: "postgres://h/db"}]',
    ].join('\n'),
  )
  const { status, stderr } = run('agent', ['--config', config, '--check-config'])
  expect(status).toBe(2)
  expect(stderr.map((line) => line.split(' ').slice(1, 2).join())).toEqual([
    'servers[0].actions_url:',
    'poolers[0].actions_url:',
    'poolers[0].through_url:',
  ])
})

test('the collector refuses to listen beyond loopback without TLS and says why', () => {
  const { status, stderr } = run('collector', ['--http-plain-listen', '0.0.0.0:8432'])
  expect(status).toBe(2)
  expect(stderr).toEqual([
    'pgherd-collector: flag --http-plain-listen: http.plain_listen: was "0.0.0.0:8432"; allowed: a loopback address and port, such as 127.0.0.1:8432 or [::1]:8432, or the absolute path of a Unix socket (what others can reach is http.listen, with TLS)',
  ])
})

test('a collector without a certificate and without a plain listener says what to do', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-no-trust-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const { status, stderr } = run('collector', ['--store-directory', directory])
  expect(status).toBe(2)
  expect(stderr).toEqual([
    'pgherd-collector: this collector has no certificate yet: run pgherd-collector init once, or set http.plain_listen for programs on this machine',
  ])
})

test.each(['agent', 'collector'])(
  '--check-config of the %s only checks: it starts and creates nothing',
  (program) => {
    const directory = mkdtempSync(join(tmpdir(), 'pgherd-check-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const config = file(
      program === 'agent'
        ? `identity: {cluster: pg-main, seq: 1}\nspool: {directory: ${directory}/spool}\n`
        : `store: {directory: ${directory}/store}\n`,
    )
    const { status, stdout } = run(program, ['--config', config, '--check-config'])
    expect(status).toBe(0)
    expect(stdout).toContain('the configuration is valid')
    expect(readdirSync(directory)).toEqual([])
  },
)

test('--check-config of the agent reads the files of operators and policy as well', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-check-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const [operators, policy] = [join(directory, 'operators'), join(directory, 'policy.yaml')]
  writeFileSync(operators, '# ours\nno key\n', { mode: 0o600 })
  writeFileSync(policy, 'rules:\n  - kinds: [vacum]\n', { mode: 0o600 })
  const { status, stderr } = run('agent', [
    ...['--identity-cluster=pg', '--identity-seq=1', '--check-config'],
    ...['--actions-operators-file', operators, '--actions-policy-file', policy],
  ])
  expect(status).toBe(2)
  expect(stderr).toEqual([
    expect.stringContaining(`${operators}:2: `) as string,
    expect.stringContaining(`${policy}:2: `) as string,
  ])
})

test.each(['agent', 'collector'])('%s --help explains every option and ends with status 0', (program) => {
  const { status, stdout } = run(program, ['--help'])
  expect(status).toBe(0)
  expect(stdout).toContain('--log-level')
  expect(stdout).toContain('Exit status:')
})

test('a configuration file that is not there is one clear line', () => {
  const { status, stderr } = run('agent', ['--config', '/nowhere/agent.yaml'])
  expect(status).toBe(2)
  expect(stderr).toHaveLength(1)
  expect(stderr[0]).toContain('/nowhere/agent.yaml: cannot be read')
})

test.each([
  ['collector', ['--http-plain-listen', '127.0.0.1:0', '--store-directory', '/proc/pgherd/data']],
  ['agent', ['--identity-cluster', 'pg', '--identity-seq', '1', '--spool-directory', '/proc/pgherd/data']],
])('the %s names a directory that cannot be created, also where the system takes none', (program, argv) => {
  const { status, stderr } = run(program, argv)
  expect(status).toBe(1)
  expect(stderr).toEqual([
    expect.stringMatching(new RegExp(`^pgherd-${program}: cannot create /proc/pgherd: ENOENT`)),
  ])
})

test('a collector that finds out late that it cannot start ends and says why', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-config-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const other = createServer()
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  const argv = ['--http-plain-listen', `127.0.0.1:${port}`, '--store-directory', directory]
  const { status, stderr } = run('collector', argv)
  expect(stderr).toEqual([`pgherd-collector: another process already listens on 127.0.0.1:${port}`])
  expect(status).toBe(1)

  const routing = file('route: { group_by: all }')
  const config = file(`notify: { webhooks: [{ url: http://127.0.0.1:1 }], routing_file: ${routing} }`)
  const late = run('collector', ['--config', config, ...argv])
  expect(late.stderr).toEqual([`pgherd-collector: ${routing}:1: route.group_by: allowed: a list`])
  expect(late.status).toBe(2)
})

test("agentctl's variable in the environment is nothing to the collector", () => {
  const { status, stderr } = run('collector', ['--check-config', '--http-plain-listen', '127.0.0.1:1'], {
    PGHERD_COLLECTOR_URL: 'https://collector:8432',
  })
  expect(stderr).toEqual([''])
  expect(status).toBe(0)
})
