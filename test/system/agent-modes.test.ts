import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { childEnvironment } from '../../testbed/child-environment.ts'
import { findProgram } from '../../testbed/find-program.ts'
import { startPostgres } from '../../testbed/postgres.ts'
import type { PostgresServer } from '../../testbed/postgres.ts'

let server: PostgresServer
let directory: string

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'pgherd-modes-'))
  server = await startPostgres()
  await server.query('create role pgherd login; grant pg_monitor to pgherd')
  await server.query('create database app')
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

interface Answer {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the agent as a person would, in a directory of its own. */
async function agent(url: string, ...argv: readonly string[]): Promise<Answer> {
  const child = spawn(
    process.execPath,
    [
      'agent/main.ts',
      ...['--identity-cluster', 'pg-main', '--identity-seq', '1', '--postgres-url', url],
      // Nobody listens there.
      ...['--collector-url', 'http://127.0.0.1:1'],
      ...['--spool-directory', join(directory, 'spool'), ...argv],
    ],
    { env: childEnvironment(), timeout: 30_000 },
  )
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { status, stdout, stderr }
}

describe('--once', () => {
  test('prints what the servers, their databases and the host are, and nothing else', async () => {
    const { status, stdout, stderr } = await agent(server.url('postgres', 'pgherd'), '--once')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^up\{cls="pg-main",.*job="pgsql"\} 1$/m)
    expect(stdout).toMatch(/^pg_relkind_count\{.*datname="app"/m)
    expect(stdout).toMatch(/^# TYPE pg_db_xact_commit counter$/m)
    expect(stdout).toMatch(/^node_load1\{/m)
  })

  test.skipIf(findProgram('promtool') === undefined)('is an exposition that promtool reads', async () => {
    const { stdout } = await agent(server.url('postgres', 'pgherd'), '--once')
    const check = spawnSync('promtool', ['check', 'metrics'], { input: stdout, encoding: 'utf8' })
    // 1 would be an error of syntax; 3 are remarks on names, which are pg_exporter's.
    expect([0, 3], check.stderr.slice(0, 500)).toContain(check.status)
    expect(check.stderr).not.toContain('error while linting')
  })

  test('may be read by somebody who has soon seen enough', () => {
    const { status, stdout, stderr } = spawnSync(
      'sh',
      [
        '-c',
        '"$@" 2>&1 >/dev/null | cat; "$@" | head -n 1',
        'sh',
        process.execPath,
        'agent/main.ts',
        '--help',
      ],
      { encoding: 'utf8', env: childEnvironment() },
    )
    expect({ status, stderr, lines: stdout.trim().split('\n').length }).toEqual({
      status: 0,
      stderr: '',
      lines: 1,
    })
  })

  test('ends with status 4 when a server is down, and shows the rest', async () => {
    const { status, stdout } = await agent('postgres://pgherd@127.0.0.1:1/postgres', '--once')
    expect(status).toBe(4)
    expect(stdout).toMatch(/^pg_up\{.*\} 0$/m)
    expect(stdout).toMatch(/^node_load1\{/m)
  })
})

describe('--explain', () => {
  test('tells which branch is chosen and why, and why the others are not', async () => {
    const { status, stdout } = await agent(server.url('postgres', 'pgherd'), '--explain', 'pg_slot')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^pg-main-1 \(127\.0\.0\.1:\d+\): PostgreSQL 18\.\d+, primary, database postgres/)
    expect(stdout).toMatch(/pg_slot_17: chosen: fits version 18\d+ and the tags cluster/)
    expect(stdout).toMatch(/pg_slot_16: not chosen: is for versions below 170000, this is 18/)
    expect(stdout).toContain('from pg_replication_slots')
  })

  test('takes a metric for its probe', async () => {
    const { stdout } = await agent(server.url('postgres', 'pgherd'), '--explain', 'pg_size_bytes')
    expect(stdout).toContain('pg_size: chosen')
  })

  test('says what there is when nothing is called so', async () => {
    const { status, stderr } = await agent(server.url('postgres', 'pgherd'), '--explain', 'pg_nothing')
    expect(status).toBe(1)
    expect(stderr).toContain('no probe, branch or metric is called pg_nothing; allowed: all, or one of pg,')
  })
})

describe('--self-test', () => {
  test('tells the cost of each probe and the GRANT that each missing one needs', async () => {
    const { stdout } = await agent(server.url('postgres', 'pgherd'), '--self-test')
    expect(stdout).toContain('the role has pg_monitor and is no superuser')
    expect(stdout).toMatch(/ok +\d+\.\d ms {2}pg_db_18: \d+ rows, \d+ series/)
    expect(stdout).toContain('GRANT EXECUTE ON FUNCTION pg_catalog.pg_hba_file_rules() TO "pgherd"')
    expect(stdout).toContain('further databases: app')
    expect(stdout).toMatch(/FAILED {3}the collector at .*: cannot reach/)
  })

  test('what it asks for is enough: with its GRANTs nothing about the server is missing or failing', async () => {
    await server.query(
      'create role granted login; grant pg_monitor to granted; create extension pg_stat_statements',
    )
    await server.query(`alter system set track_functions = 'pl'`)
    await server.query('select pg_reload_conf()')
    const before = await agent(server.url('postgres', 'granted'), '--self-test')
    const grants = [...new Set(before.stdout.match(/GRANT .* TO "granted"/g))]
    expect(grants.length).toBeGreaterThan(2)
    for (const grant of grants) await server.query(grant)
    const { stdout } = await agent(server.url('postgres', 'granted'), '--self-test')
    expect(stdout.split('\n').filter((line) => line.includes('missing  '))).toEqual([])
    expect(stdout.split('\n').filter((line) => line.includes('FAILED'))).toHaveLength(1)
  })

  test('without pg_monitor it asks for that', async () => {
    await server.query('create role stranger login')
    const { stdout } = await agent(server.url('postgres', 'stranger'), '--self-test')
    expect(stdout).toContain('GRANT pg_monitor TO "stranger";')
  })

  describe('of a policy on stuck sessions', () => {
    const withPolicy = (text: string, user: string, ...argv: readonly string[]): Promise<Answer> => {
      const file = join(directory, 'watchdog.yaml')
      writeFileSync(file, text, { mode: 0o600 })
      const flags = ['--watchdog-policy-file', file, '--actions-postgres-url', server.url('postgres', user)]
      return agent(server.url('postgres', 'pgherd'), '--self-test', ...flags, ...argv)
    }
    const rule = (action: string): string =>
      `dry_run: false\nrules: [{ name: a, case: lock-head, after: 30s, harm: { blocks_longer_than: 30s }, action: ${action} }]`

    test('says which GRANT the role for commands lacks, and that it may signal once it has it', async () => {
      await server.query('create role actor login')
      const before = await withPolicy(rule('terminate'), 'actor')
      expect(before.stdout).toMatch(/ok {7}.*watchdog\.yaml: 1 rule, in force/)
      expect(before.stdout).toMatch(
        /missing {2}pg-main-1: signals, .* lacks pg_signal_backend and pg_monitor/,
      )
      const [grant] = /GRANT pg_signal_backend.*/.exec(before.stdout) ?? []
      await server.query(grant ?? '')
      const after = await withPolicy(rule('terminate'), 'actor')
      expect(after.stdout).toContain('pg-main-1: "actor" may signal sessions')
    })

    test('asks for no role where it only reports', async () => {
      const { stdout } = await withPolicy(rule('report'), 'nobody')
      expect(stdout).toContain('Stuck sessions')
      expect(stdout).not.toContain('signals')
    })

    test('tells each mistake, with line and reason, and who does not get in', async () => {
      const wrong = await withPolicy(rule('shoot'), 'pgherd')
      expect(wrong.stdout).toMatch(
        /FAILED {3}.*watchdog\.yaml:2: rules\[0\]\.action: was "shoot"; allowed: report, cancel, terminate/,
      )
      const shut = await withPolicy(rule('cancel'), 'nobody')
      expect(shut.stdout).toMatch(/FAILED {3}pg-main-1: the role for commands does not get in: .*nobody/)
    })

    test('says that nobody is signalled without an audit', async () => {
      const { stdout } = await withPolicy(rule('cancel'), 'actor', '--actions-enabled', 'false')
      expect(stdout).toContain('missing  signals: without commands there is no audit')
    })
  })
})
