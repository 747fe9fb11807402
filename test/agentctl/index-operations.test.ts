import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeAction } from '../../agent/actions/describe-action.ts'
import { kinds } from '../../agent/actions/kinds.ts'
import type { IndexFinding, MemberEvidence } from '../../common/insight/index-view.ts'
import type { KeptIndex } from '../../common/insight/saved-index.ts'
import { clusterView } from '../../common/health/cluster-view.ts'
import { health } from '../collector/topology/reports.ts'
import { answeredCommands } from './answered-commands.ts'
import { fakeCollector } from './fake-collector.ts'
import { runAgentctl } from './run-agentctl.ts'

let home: Awaited<ReturnType<typeof mkdtempDisposable>>
beforeAll(async () => {
  home = await mkdtempDisposable(join(tmpdir(), 'pgherd-agentctl-index-'))
  await runAgentctl(['key', 'generate', '--name', 'bob', '--no-passphrase'], { home: home.path })
})
afterAll(() => home[Symbol.asyncDispose]())

const node = (name: string) => ({
  ...{ node: name, cluster: 'pg-main', ip: '10.0.0.1', version: '1', connected: true, lastSeenMs: 1 },
  ...{ firstSeenMs: 1, clockSkewMs: 0, role: null, up: true, lastSampleMs: null },
  servers: [{ server: name, kind: 'postgres', systemIdentifier: '7301234567890123456' }],
})

const member = (name: string) => ({
  ...{ server: name, node: name, ip: '10.0.0.1', reportAgeMs: 900, isStale: false, follows: null },
  ...{ role: name === 'pg-main-2' ? 'primary' : 'standby', health: health(name, {}) },
})
const cluster = clusterView.parse({
  ...{ cluster: 'pg-main', status: 'healthy', systemIdentifiers: [], primary: 'pg-main-2', timeline: 3 },
  ...{ managedBy: 'none', members: [member('pg-main-1'), member('pg-main-2')], judgements: [] },
  failover: { isSafe: true, candidates: [], reasons: [] },
  recoveryPoint: { value: 0, how: 'synchronous' },
  recoveryTime: { value: null, how: 'by hand' },
})

/** `agentctl index ...` where the agents of pg-main-1 and pg-main-2 answer so, and pg-main-2 has the primary. */
async function index(
  args: readonly string[],
  {
    plan = [],
    typed,
    kept = [],
    evidence = [],
  }: {
    readonly plan?: readonly string[]
    readonly typed?: string
    readonly kept?: readonly KeptIndex[]
    readonly evidence?: readonly IndexFinding[]
  } = {},
) {
  const { routes, sent } = answeredCommands(() => ({ steps: plan }))
  const actions = () => kinds.map(describeAction)
  const { url } = await fakeCollector({
    'GET /api/v1/nodes': () => [node('pg-main-1'), node('pg-main-2')],
    'GET /api/v1/clusters/pg-main': () => cluster,
    'GET /api/v1/nodes/pg-main-1/actions': actions,
    'GET /api/v1/nodes/pg-main-2/actions': actions,
    'GET /api/v1/indexes/saved': () => kept,
    'GET /api/v1/indexes': () => ({ days: 35, findings: evidence, notes: [] }),
    ...routes,
  })
  const options = typed === undefined ? {} : { answers: [typed] }
  return { ...(await runAgentctl(['index', ...args], { url, home: home.path, ...options })), sent }
}

test.each([
  [
    [
      'drop',
      'pg-main-1',
      'public.orders_idx',
      '--database',
      'shop',
      '--allow-fk',
      '--lock-timeout',
      '2.5',
      '--yes',
    ],
    'index-drop',
    { index: 'public.orders_idx', database: 'shop', allow_fk: true, lock_timeout_s: 2.5 },
  ],
  [
    [
      'trial',
      'pg-main-1',
      'public.orders_idx',
      '--danger',
      'updates-pg_index-by-hand',
      '--for',
      '2h',
      '--yes',
    ],
    'index-trial',
    { index: 'public.orders_idx', danger: 'updates-pg_index-by-hand', for: '2h' },
  ],
  [
    ['trial-end', 'pg-main-1', 'public.orders_idx', '--xid', '712', '--yes'],
    'index-trial-end',
    { index: 'public.orders_idx', xid: '712' },
  ],
  [
    ['restore', 'pg-main-1', '6f1c2f0e', '--max-size', '2GB', '--yes'],
    'index-restore',
    { saved: '6f1c2f0e', max_size: '2GB' },
  ],
  [
    ['reindex', 'pg-main-1', 'public.orders_idx', '--patience', '60', '--yes'],
    'index-reindex',
    { index: 'public.orders_idx', patience_s: 60 },
  ],
  [
    ['whatif', 'pg-main-1', 'public.orders_idx', '--limit', '5'],
    'index-whatif',
    { index: 'public.orders_idx', limit: 5 },
  ],
  [['saved', 'pg-main-1'], 'index-list-saved', {}],
])('agentctl index %j asks for what was said', async (argv, kind, args) => {
  const { sent, error } = await index(argv)
  expect(error).toBeUndefined()
  expect(sent.at(-1)).toMatchObject({ kind, args, mode: 'run', node: 'pg-main-1', server: 'pg-main-1' })
  expect(Object.keys(sent.at(-1)!.args).sort()).toEqual(Object.keys(args).sort())
})

test('a drop shows its plan, and goes on when the name of the index is typed', async () => {
  const { sent, warnings } = await index(['drop', 'pg-main-1', 'public.orders_idx'], {
    plan: ['frees 3 GB'],
    typed: 'public.orders_idx',
  })
  expect(sent.map(({ mode }) => mode)).toEqual(['plan', 'run'])
  expect(warnings).toContain('  frees 3 GB')
})

test('what the plan refuses is not sent, and --dry-run sends the plan alone', async () => {
  const refused = await index(['drop', 'pg-main-1', 'public.orders_pkey', '--yes'], {
    plan: ['REFUSED: it belongs to primary key orders_pkey'],
  })
  expect(refused.error).toMatchObject({ code: 'REFUSED' })
  expect(refused.sent.map(({ mode }) => mode)).toEqual(['plan'])
  const dry = await index(['reindex', 'pg-main-1', 'public.orders_idx', '--dry-run'])
  expect(dry.sent.map(({ mode }) => mode)).toEqual(['plan'])
})

test('a cluster means its primary', async () => {
  const { sent, error } = await index(['reindex', 'pg-main', 'public.orders_idx', '--dry-run'])
  expect(error).toBeUndefined()
  expect(sent).toMatchObject([{ node: 'pg-main-2', server: 'pg-main-2' }])
})

test('what is no number is told before anything is sent', async () => {
  const { error, sent } = await index(['drop', 'pg-main-1', 'public.orders_idx', '--patience', 'long'])
  expect(error).toMatchObject({ code: 'USAGE' })
  expect(sent).toEqual([])
})

const dropped = (over: Partial<KeptIndex> = {}): KeptIndex => ({
  ...{
    cluster: 'pg-main',
    server: 'pg-main-1',
    id: '6f1c2f0e-3c1d-4c7e-9f3a-2b8f6f0d1e2c',
    state: 'dropped',
  },
  ...{ startedMs: Date.parse('2026-11-28T02:00:00Z'), message: 'dropped in 0.3 s' },
  index: {
    ...{
      system: '7',
      database: 'shop',
      schema: 'public',
      name: 'orders_idx',
      sql: 'public.orders_idx',
      oid: '1',
    },
    ...{ table: 'public.orders', tableOid: '2', tablespace: 'fast', sizeBytes: 8192, comment: 'old' },
    definition: 'CREATE INDEX orders_idx ON public.orders USING btree (lower(note))',
    ...{
      statistics: [{ column: 1, target: 321 }],
      isUnique: false,
      isClustered: true,
      isReplicaIdentity: false,
    },
    ...{ isValid: true, hasExpressions: true },
  },
  ...over,
})

test('an index that another member has dropped is restored on the primary from what the collector keeps, shown and signed', async () => {
  const { sent, warnings, error } = await index(['restore', 'pg-main', 'public.orders_idx', '--yes'], {
    kept: [dropped()],
  })
  expect(error).toBeUndefined()
  expect(warnings).toContain(
    'dropped on pg-main-1, and kept by the collector: CREATE INDEX orders_idx ON public.orders USING btree (lower(note))',
  )
  expect(sent.at(-1)).toMatchObject({ node: 'pg-main-2', kind: 'index-restore', mode: 'run' })
  expect(sent.at(-1)?.args).toEqual({
    ...{ saved: '6f1c2f0e-3c1d-4c7e-9f3a-2b8f6f0d1e2c', database: 'shop', size_bytes: 8192, comment: 'old' },
    definition: 'CREATE INDEX orders_idx ON public.orders USING btree (lower(note))',
    ...{ tablespace: 'fast', statistics: '1=321', clustered: true, analyze: true },
  })
})

test('what a host has dropped itself, or has back, it restores from its own ledger', async () => {
  const own = await index(['restore', 'pg-main', 'public.orders_idx', '--yes'], {
    kept: [dropped({ server: 'pg-main-2' })],
  })
  expect(own.sent.at(-1)?.args).toEqual({ saved: 'public.orders_idx' })
  const back = await index(['restore', 'pg-main', '6f1c2f0e', '--yes'], {
    kept: [dropped({ state: 'restored' })],
  })
  expect(back.sent.at(-1)?.args).toEqual({ saved: '6f1c2f0e' })
})

test('two of one name in two databases are told apart before anything is sent', async () => {
  const other = dropped({ id: '7a', index: { ...dropped().index, database: 'store' } })
  const { error, sent } = await index(['restore', 'pg-main', 'public.orders_idx', '--yes'], {
    kept: [dropped(), other],
  })
  expect(error).toMatchObject({ code: 'BAD_REQUEST' })
  expect(sent).toEqual([])
})

test('saved --kept lists what the collector keeps of all members', async () => {
  const { out, sent } = await index(['saved', 'pg-main', '--kept'], { kept: [dropped()] })
  expect(out).toMatch(/6f1c2f0e-\S+ +pg-main-1 +public\.orders_idx +shop +dropped/)
  expect(sent).toEqual([])
})

const seen = (server: string, state: MemberEvidence['state'], text: string): MemberEvidence => ({
  ...{
    server,
    state,
    text,
    role: 'standby',
    atMs: 1,
    coveredDays: 35,
    unusedSinceMs: null,
    lastUsedMs: null,
  },
  ...{ scans: 0, rowsFetched: 0, countersSinceMs: null },
})
const evidenceOf = (...members: readonly MemberEvidence[]): readonly IndexFinding[] => [
  {
    ...{ cluster: 'pg-main', server: 'pg-main-2', database: 'shop', databaseOid: 5, schema: 'public' },
    ...{ table: 'orders', index: 'orders_idx', oid: 7, finding: 'unused', verdict: 'keep', reasons: [] },
    ...{
      definition: null,
      sizeBytes: 1,
      savesBytes: 0,
      writesPerDay: null,
      coveredBy: null,
      atMs: 1,
      next: null,
    },
    members: [...members],
  },
]
const trial = ['trial', 'pg-main', 'public.orders_idx', '--danger', 'updates-pg_index-by-hand', '--yes']

test('a trial is signed as unused on the standbys where the evidence of each says so', async () => {
  const { sent, warnings } = await index(trial, {
    evidence: evidenceOf(
      seen('pg-main-1', 'unused', 'has not used it'),
      seen('pg-main-2', 'used', 'used it today'),
    ),
  })
  expect(sent.at(-1)?.args).toMatchObject({ standbys: 'unused' })
  expect(warnings).not.toContain('nobody watches it')
})

test.each([
  [evidenceOf(seen('pg-main-1', 'used', 'used it 1.4 hours ago')), 'used it 1.4 hours ago'],
  [evidenceOf(seen('pg-main-1', 'short', 'looked at for 3 of 35 days')), 'looked at for 3 of 35 days'],
  [[], 'whether it uses the index is not known'],
])(
  'a standby that may use it is told, and the agent has to be told that this is accepted (%#)',
  async (evidence, why) => {
    const { sent, warnings, error } = await index(trial, {
      evidence,
      plan: ['REFUSED: 1 standbys lose the index as well'],
    })
    expect(warnings).toContain(`pg-main-1 gets the trial, too, and nobody watches it there: ${why}`)
    expect(error).toMatchObject({ code: 'REFUSED' })
    expect(sent.map(({ mode }) => mode)).toEqual(['plan'])
    expect(sent[0]?.args).not.toHaveProperty('standbys')
    const accepted = await index([...trial, '--standbys-unwatched'], { evidence })
    expect(accepted.sent.at(-1)?.args).toMatchObject({ standbys: 'unwatched' })
  },
)
