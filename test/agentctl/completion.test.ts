import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { fakeCollector, nodeCalled } from './fake-collector.ts'
import { runAgentctl } from './run-agentctl.ts'

const action = (kind: string, properties: Readonly<Record<string, unknown>>) => ({
  kind,
  what: `what ${kind} does`,
  risk: 'change',
  target: 'server',
  args: { type: 'object', properties },
  deadlineMs: 1_000,
  examples: [],
})

const ruleCalled = (name: string) => ({
  ...{ type: 'alerting', name, query: 'up', health: 'ok', evaluationTime: 0 },
  lastEvaluation: '2023-11-14T22:00:00.000Z',
})
const silenceCalled = (id: string, state: string) => ({
  ...{ id, status: { state }, matchers: [], createdBy: '', comment: '' },
  ...{ startsAt: '', endsAt: '', updatedAt: '' },
})

const statementCalled = (query: string) => ({
  ...{ cluster: 'pg-main', datname: 'app', query, servers: [], share: 0, text: 'select\n  $1' },
  ...{
    calls: 0,
    timeSeconds: 0,
    meanSeconds: null,
    p50: null,
    p95: null,
    p99: null,
    planSeconds: 0,
    rows: 0,
  },
  ...{ ioSeconds: 0, walBytes: 0, fullPageImages: 0, tempBytes: 0, blocksHit: 0, blocksRead: 0 },
  ...{ blocksDirtied: 0, blocksWritten: 0 },
})

const collector = () =>
  fakeCollector({
    'GET /api/v1/nodes': () => [
      nodeCalled('pg-main-1', {
        role: 'primary',
        servers: [
          { server: 'pg-main-1', kind: 'postgres', systemIdentifier: '7300000000000000001' },
          { server: 'pg-main-1:6432', kind: 'pgbouncer', systemIdentifier: null },
        ],
      }),
      nodeCalled('pg-main-2'),
      nodeCalled('pg-test-1', { up: false }),
      nodeCalled('$(reboot)'),
    ],
    'GET /api/v1/nodes/pg-main-1/actions': () => [
      action('vacuum', { database: { type: 'string' }, table: { type: 'string' } }),
      action('pgbouncer-show', { report: { enum: ['pools'] }, all: { type: 'boolean' } }),
      action('show', { report: { enum: ['activity', 'locks'] }, limit: { type: 'integer' } }),
    ],
    'GET /api/v1/commands': () => [],
    'GET /api/v1/rules': () => ({
      groups: [{ name: 'g', file: 'f', interval: 5, rules: ['PostgresDown', 'PgLag'].map(ruleCalled) }],
    }),
    'GET /api/v1/queries': () => ({
      ...{ startMs: 0, endMs: 1, timeSeconds: 0, calls: 0, p50: null, p95: null, p99: null, others: [] },
      rows: ['-2641308432719236745', '42'].map(statementCalled),
    }),
    'GET /api/v2/silences': () => [silenceCalled('5f2c', 'active'), silenceCalled('77', 'expired')],
  })

/** The words that are offered where the cursor stands at the end of the line. */
async function offered(line: string, url = 'http://127.0.0.1:1') {
  const words = line.split(' ')
  const { out, error } = await runAgentctl(['__complete', '--', ...words], { url })
  expect(error).toBeUndefined()
  return out === '' ? [] : out.split('\n').map((text) => text.split('\t')[0])
}

test.each([
  ['no', ['nodes']],
  ['tokens ', ['create', 'revoke']],
  ['tokens create x o', ['operator']],
  ['nodes --ro', ['--role']],
  ['nodes --role ', ['primary', 'standby']],
  ['commands --state ti', ['timed_out']],
  ['-o ', ['table', 'json', 'yaml', 'tsv']],
  ['-o json nodes --role s', ['standby']],
  ['watch no', ['nodes']],
  ['watch nodes --role p', ['primary']],
  ['events --type server-down role', ['role-changed']],
  ['completion f', ['fish']],
  ['config set co', ['collector']],
  ['ha sh', ['show']],
  ['ha switchover pg-main x --fo', ['--force']],
  ['tune ro', ['rollback']],
  ['tune export x --format al', ['alter-system']],
  ['query ', []],
  ['alerts --severity W', ['WARN']],
  ['silence ', ['add', 'list', 'expire']],
  ['rules list --he', ['--health', '--help']],
])('"%s" goes on with %j without a collector', async (line, words) => {
  expect(await offered(line)).toEqual(words)
})

test.each([
  ['nodes -n pg-main', ['pg-main-1', 'pg-main-2']],
  ['ping pg-t', ['pg-test-1']],
  ['run vacuum --server pg-main-1:', ['pg-main-1:6432']],
  ['clusters pg', ['pg-main', 'pg-test']],
  ['run v', ['vacuum']],
  ['run vacuum -n pg-main-1 ta', ['table=']],
  ['show ', ['activity', 'locks', 'pgbouncer-pools']],
  ['show locks li', ['limit=']],
  ['show pgbouncer-pools ', ['all=']],
  ['show pgbouncer-pools all=', ['all=true', 'all=false']],
  ['run pgbouncer-show report=', ['report=pools']],
  ['watch show a', ['activity']],
  ['ha show ', ['pg-main', 'pg-test']],
  ['ha show pg-main ', []],
  ['ha list pg-main pg-t', ['pg-test']],
  ['ha switchover pg-main ', ['pg-main-1', 'pg-main-2']],
  ['ha pause pg-main ', []],
  ['tune advise pg-m', ['pg-main-1', 'pg-main-2']],
  ['tune apply pg-m', ['pg-main-1', 'pg-main-2', 'pg-main']],
  ['tokens revoke ', []],
  ['alerts show Po', ['PostgresDown']],
  ['queries show -26', ['-2641308432719236745']],
  ['queries top --sort p9', ['p95', 'p99']],
  ['alerts -c pg-m', ['pg-main']],
  ['silence add P', ['PostgresDown', 'PgLag']],
  ['silence expire ', ['5f2c']],
])('"%s" goes on with %j of the collector', async (line, words) => {
  expect(await offered(line, (await collector()).url)).toEqual(words)
})

test('a word that a shell would read as more than a word is not offered', async () => {
  expect(await offered('nodes -n ', (await collector()).url)).toEqual(['pg-main-1', 'pg-main-2', 'pg-test-1'])
})

test('a collector that does not answer is given up after half a second, without an error', async () => {
  const silent = createServer(() => undefined)
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    silent.close()
    silent.closeAllConnections()
  })
  const startedMs = performance.now()
  const { port } = silent.address() as AddressInfo
  expect(await offered('ping ', `http://127.0.0.1:${port}`)).toEqual([])
  expect(performance.now() - startedMs).toBeGreaterThan(490)
})
