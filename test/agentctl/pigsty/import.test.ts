import { globSync } from 'node:fs'
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { agentProgram } from '../../../agent/config.ts'
import { backupFile } from '../../../agent/backup/policy/schema.ts'
import { loadConfig } from '../../../common/config/load-config.ts'
import { fakeCollector, nodeCalled } from '../fake-collector.ts'
import type { Question } from '../fake-collector.ts'
import { runAgentctl } from '../run-agentctl.ts'
import { sample, secrets } from './sample.ts'

const read = readFile
const write = writeFile

async function fleet(enrolled: readonly string[] = []) {
  const offers = Object.fromEntries(
    ['pg-meta-1', 'pg-meta-2', 'pg-meta-3', 'infra-2'].map((node) => [
      `POST /api/v1/nodes/${node}/join-token`,
      () => ({
        node,
        token: `pgherd-join-1.${node}.b.c`,
        expiresMs: 1_700_000_100_000 + 3_600_000,
        fingerprint: 'AA',
      }),
    ]),
  )
  return fakeCollector({
    'GET /api/v1/nodes': () => enrolled.map((node) => nodeCalled(node)),
    'GET /api/v1/events': () => [],
    ...offers,
  })
}

async function imported(text: string, argv: readonly string[], url: string | undefined, directory: string) {
  const file = join(directory, 'pigsty.yml')
  await write(file, text)
  return runAgentctl(['-o', 'json', 'import', 'pigsty', file, '--out', join(directory, 'out'), ...argv], {
    url,
  })
}

const newDirectory = () => mkdtempDisposable(join(tmpdir(), 'pgherd-import-'))
const offersIn = (asked: readonly Question[]) => asked.filter(({ method }) => method === 'POST')

describe('agentctl import pigsty --plan', () => {
  test('shows nodes, roles and what runs where, asks for no token and writes nothing', async () => {
    await using directory = await newDirectory()
    const { url, asked } = await fleet()
    const { out } = await imported(sample, ['--plan'], url, directory.path)
    const plan = JSON.parse(out) as { nodes: { node: string; role: string | null; runs: string[] }[] }
    expect(plan.nodes.map(({ node, role }) => `${node} ${role ?? '-'}`)).toEqual([
      'pg-meta-1 primary',
      'infra-2 -',
      'pg-meta-2 replica',
      'pg-meta-3 offline',
    ])
    expect(plan.nodes[0]?.runs).toEqual([
      'PostgreSQL :5432',
      'pgBouncer :6432',
      'Patroni :8008',
      'HAProxy :9101',
      'etcd',
      'pgBackRest',
    ])
    expect(plan.nodes[3]?.runs).not.toContain('pgBouncer :6432')
    expect(offersIn(asked)).toEqual([])
    expect(globSync('out/**', { cwd: directory.path })).toEqual([])
  })

  test('names well-known passwords by variable and set, and a password that is not given where the sample then holds', async () => {
    await using directory = await newDirectory()
    const { url } = await fleet()
    const without = sample.replace(/ {4}etcd_root_password.*\n/, '')
    const { out } = await imported(without, ['--plan'], url, directory.path)
    const { questions } = JSON.parse(out) as { questions: { where: string; what: string }[] }
    expect(questions.map(({ what }) => what)).toEqual([
      'pg_admin_password is one of the samples of Pigsty: change it',
      'etcd_root_password is not given, so that one of the samples of Pigsty holds: change it',
      'password of supabase_admin in pg_users is one of the samples of Pigsty: change it',
      's3_key_secret of minio in pgbackrest_repo is one of the samples of Pigsty: change it',
    ])
  })

  test('works without a collector, and says that it does not know who is enrolled', async () => {
    await using directory = await newDirectory()
    const { out, error } = await imported(sample, ['--plan'], 'http://127.0.0.1:1', directory.path)
    expect(error).toBeUndefined()
    expect(out).toContain('Which hosts are enrolled already is not known')
  })
})

describe('agentctl import pigsty', () => {
  test('makes a token and files for each host, which the agent takes as its configuration and policy', async () => {
    await using directory = await newDirectory()
    const { url, asked } = await fleet()
    await imported(sample, ['--collector-for-agents', 'https://c.example:8432'], url, directory.path)
    expect(offersIn(asked)).toHaveLength(4)
    const files = globSync('out/*/*', { cwd: directory.path }).sort()
    expect(files.filter((file) => file.endsWith('agent.yaml'))).toHaveLength(4)
    for (const file of files.filter((one) => one.endsWith('agent.yaml'))) {
      const text = await read(join(directory.path, file), 'utf8')
      const { config, problems } = loadConfig(agentProgram.table, {
        file: { name: file, text },
        environment: {},
        environmentPrefix: 'PGHERD_AGENT',
        flags: new Map(),
      })
      expect(problems).toEqual([])
      expect(config === undefined ? [''] : agentProgram.check?.(config)).toEqual([])
    }
    const policy = parse(await read(join(directory.path, 'out/pg-meta-1/backup.yaml'), 'utf8')) as unknown
    expect(backupFile.safeParse(policy).success).toBe(true)
    expect(policy).toMatchObject({ clusters: { 'pg-meta': { schedules: { full: '0 1 * * *' } } } })
    const line = await read(join(directory.path, 'out/pg-meta-2/enrol.sh'), 'utf8')
    expect(line).toContain(
      "echo 'pgherd-join-1.pg-meta-2.b.c' | sudo -u pgherd-agent pgherd-agent join 'https://c.example:8432' -",
    )
  })

  test('no secret of the inventory is printed or written', async () => {
    await using directory = await newDirectory()
    const { url } = await fleet()
    const printed = await Promise.all([
      imported(sample, ['--plan'], url, directory.path),
      imported(sample, [], url, directory.path),
    ])
    const written = globSync('out/*/*', { cwd: directory.path }).map((file) => join(directory.path, file))
    const texts = await Promise.all(written.map((file) => read(file, 'utf8')))
    const all = [...printed.flatMap(({ out, warnings }) => [out, ...warnings]), ...texts].join('\n')
    expect(written.length).toBeGreaterThan(8)
    for (const secret of secrets) expect(all).not.toContain(secret)
  })

  test('hosts that are enrolled are said to be so and skipped', async () => {
    await using directory = await newDirectory()
    const { url, asked } = await fleet(['pg-meta-1', 'pg-meta-2'])
    const { out } = await imported(sample, [], url, directory.path)
    const { nodes } = JSON.parse(out) as { nodes: { node: string; state: string }[] }
    expect(nodes.filter(({ state }) => state === 'enrolled already').map(({ node }) => node)).toEqual([
      'pg-meta-1',
      'pg-meta-2',
    ])
    expect(offersIn(asked)).toHaveLength(2)
  })

  test('a second call asks for no second token, and keeps a file that somebody has changed', async () => {
    await using directory = await newDirectory()
    const { url, asked } = await fleet()
    await imported(sample, [], url, directory.path)
    const changed = join(directory.path, 'out/pg-meta-1/agent.yaml')
    await write(changed, '# mine\n')
    const { out } = await imported(sample, [], url, directory.path)
    expect(offersIn(asked)).toHaveLength(4)
    expect(await read(changed, 'utf8')).toBe('# mine\n')
    expect(out).toContain('agent.yaml differs, see .new beside it')
  })

  test('of two hosts with one number none is enrolled', async () => {
    await using directory = await newDirectory()
    const { url, asked } = await fleet()
    const { out } = await imported(sample.replace('pg_seq: 2', 'pg_seq: 1'), [], url, directory.path)
    expect(out).toContain('number 1 is given to 10.10.10.10 and 10.10.10.11')
    expect(offersIn(asked).map(({ path }) => path)).toEqual([
      '/api/v1/nodes/infra-2/join-token',
      '/api/v1/nodes/pg-meta-3/join-token',
    ])
  })
})
