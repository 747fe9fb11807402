import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { kinds } from '../../agent/actions/kinds.ts'
import { describeAction } from '../../agent/actions/describe-action.ts'
import { patchOf } from '../../agentctl/commands/ha-operations.ts'
import { clusterView } from '../../common/health/cluster-view.ts'
import type { InstanceHealth, PatroniView } from '../../common/health/instance-health.ts'
import { health, patroni } from '../collector/topology/reports.ts'
import { answeredCommands } from './answered-commands.ts'
import { fakeCollector } from './fake-collector.ts'
import { runAgentctl } from './run-agentctl.ts'

const member = (
  server: string,
  parts: { readonly isStale?: boolean; readonly scheduled?: Scheduled } = {},
) => ({
  server,
  node: server,
  ip: '10.0.0.1',
  reportAgeMs: 900,
  isStale: parts.isStale ?? false,
  role: server === 'pg-main-2' ? 'primary' : 'standby',
  follows: server === 'pg-main-2' ? null : 'pg-main-2',
  health: health(server, {
    patroni: patroni(`member-${server.at(-1) ?? ''}`, {
      scope: 'main',
      scheduledSwitchover: parts.scheduled ?? null,
    }),
  }),
})

type Scheduled = PatroniView['scheduledSwitchover']

const cluster = (leaderIsStale = false, scheduled: Scheduled = null) =>
  clusterView.parse({
    cluster: 'pg-main',
    status: 'healthy',
    systemIdentifiers: ['7300000000000000001'],
    primary: 'pg-main-2',
    timeline: 3,
    managedBy: 'patroni',
    members: [
      member('pg-main-1'),
      member('pg-main-2', { isStale: leaderIsStale, scheduled }),
      member('pg-main-3'),
    ],
    judgements: [
      { code: 'healthy', severity: 'ok', members: [], reason: 'nothing speaks against it', sinceMs: 1 },
    ],
    failover: { isSafe: true, candidates: ['pg-main-1'], reasons: [] },
    recoveryPoint: { value: 0, how: 'synchronous' },
    recoveryTime: { value: 12.5, how: 'ttl and retry_timeout' },
  })

let home: Awaited<ReturnType<typeof mkdtempDisposable>>
beforeAll(async () => {
  home = await mkdtempDisposable(join(tmpdir(), 'pgherd-agentctl-ha-'))
  await runAgentctl(['key', 'generate', '--name', 'bob', '--no-passphrase'], { home: home.path })
})
afterAll(() => home[Symbol.asyncDispose]())

/** A collector whose agents plan and do at once what they are told. */
async function herd(
  plan: readonly string[],
  leaderIsStale = false,
  { refusal, scheduled }: { readonly refusal?: string; readonly scheduled?: Scheduled } = {},
) {
  const { routes, sent } = answeredCommands(({ mode }) => ({
    message: 'Switched.',
    steps: mode === 'plan' ? plan : ['member-1 leads on timeline 4'],
    ...(refusal === undefined ? {} : { refusal }),
  }))
  const actions = kinds.map(describeAction)
  const collector = await fakeCollector({
    'GET /api/v1/clusters': () => [cluster(leaderIsStale)],
    'GET /api/v1/clusters/pg-main': () => cluster(leaderIsStale, scheduled),
    ...Object.fromEntries(
      [1, 2, 3].map((seq) => [`GET /api/v1/nodes/pg-main-${seq}/actions`, () => actions] as const),
    ),
    ...routes,
  })
  return { ...collector, sent }
}

describe('agentctl ha', () => {
  test('lists members with their names in Patroni', async () => {
    const { url } = await herd([])
    const { out, error } = await runAgentctl(['ha', 'list'], { url })
    expect(error).toBeUndefined()
    expect(out).toContain('CLUSTER')
    expect(out.split('\n').filter((line) => line.includes('primary'))).toEqual([
      expect.stringMatching(/pg-main +healthy +pg-main-2 +member-2 +primary/) as string,
    ])
  })

  test('shows state and timeline of a server without Patroni, as its agent has them', async () => {
    const bare = (server: string, parts: Partial<InstanceHealth>) => ({
      ...member(server),
      health: health(server, { patroni: null, ...parts }),
    })
    const view = {
      ...cluster(),
      managedBy: 'none',
      members: [bare('pg-main-1', { timeline: 7 }), bare('pg-main-2', { state: 'down', timeline: null })],
    }
    const { url } = await fakeCollector({ 'GET /api/v1/clusters': () => [view] })
    const { out } = await runAgentctl(['ha', 'list'], { url })
    const cells = out.split('\n').map((line) => line.split(/\s+/).slice(2, 7))
    expect(cells.slice(1, 3)).toEqual([
      ['pg-main-1', '-', 'standby', 'running', '7'],
      ['pg-main-2', '-', 'primary', 'down', '-'],
    ])
  })

  test('shows judgements, whether a failover is safe, and what it would cost', async () => {
    const { url } = await herd([])
    const { out } = await runAgentctl(['ha', 'show', 'pg-main'], { url })
    expect(out).toContain('ok healthy: nothing speaks against it')
    expect(out).toContain('failover: safe, to pg-main-1')
    expect(out).toContain('without writes: 12.5 s (ttl and retry_timeout)')
  })

  test("sends a switchover to the leader's agent, by Patroni's name of the candidate, once the cluster's name was typed", async () => {
    const { url, sent } = await herd(['nothing speaks against it'])
    const world = { url, home: home.path, answers: ['pg-main'] }
    const { out, error, warnings } = await runAgentctl(['ha', 'switchover', 'pg-main', 'pg-main-1'], world)
    expect(error).toBeUndefined()
    expect(sent.map(({ node, kind, mode, args }) => ({ node, kind, mode, args }))).toEqual(
      ['plan', 'run'].map((mode) => ({
        node: 'pg-main-2',
        kind: 'patroni-switchover',
        mode,
        args: { candidate: 'member-1', leader: 'member-2', scope: 'main' },
      })),
    )
    expect(warnings).toContain('  nothing speaks against it')
    expect(out).toContain('member-1 leads on timeline 4')
  })

  test('another name typed: nothing is done', async () => {
    const { url, sent } = await herd(['nothing speaks against it'])
    const world = { url, home: home.path, answers: ['pg-test'] }
    const { error } = await runAgentctl(['ha', 'pause', 'pg-main'], world)
    expect(error?.code).toBe('REFUSED')
    expect(sent.map(({ mode }) => mode)).toEqual(['plan'])
  })

  test('an unsafe plan ends there, and nobody is asked', async () => {
    const { url, sent } = await herd(['REFUSED unless force=true: member-1 is 9 GB behind'])
    const argv = ['ha', 'switchover', 'pg-main', 'pg-main-1', '--yes']
    const { error, warnings } = await runAgentctl(argv, { url, home: home.path })
    expect(error?.code).toBe('REFUSED')
    expect(warnings.join('\n')).toContain('9 GB behind')
    expect(sent.map(({ mode }) => mode)).toEqual(['plan'])
  })

  test('what cannot even be planned is told with its reason', async () => {
    const { url, sent } = await herd([], false, {
      refusal: '2026-01-01T00:00:00Z has passed; nothing was done',
    })
    const argv = ['ha', 'switchover', 'pg-main', '--at', '2026-01-01T00:00:00Z', '--yes']
    const { error, warnings } = await runAgentctl(argv, { url, home: home.path })
    expect(error?.code).toBe('REFUSED')
    expect(warnings.join('\n')).toContain('pg-main-2: 2026-01-01T00:00:00Z has passed; nothing was done')
    expect(sent.map(({ mode }) => mode)).toEqual(['plan'])
  })

  test('a switchover that is scheduled is shown, as the Patroni of the primary has it', async () => {
    const at = '2026-12-01T03:00:00+00:00'
    const { url } = await herd([], false, { scheduled: { at, from: 'member-2', to: null } })
    const { out } = await runAgentctl(['ha', 'show', 'pg-main'], { url })
    expect(out).toContain(`scheduled: a switchover from member-2 to the best standby at ${at}`)
  })

  test('a restart goes to the member itself', async () => {
    const { url, sent } = await herd(['restarts PostgreSQL'])
    const argv = ['ha', 'restart', 'pg-main', 'member-3', '--pending', '--force', '--yes']
    await runAgentctl(argv, { url, home: home.path })
    expect(sent.at(-1)).toMatchObject({
      node: 'pg-main-3',
      mode: 'run',
      args: { pending_only: true, scope: 'main', force: true },
    })
  })

  test('what is for the whole cluster goes to another agent when that of the leader is silent', async () => {
    const { url, sent } = await herd(['pauses'], true)
    await runAgentctl(['ha', 'pause', 'pg-main', '--yes'], { url, home: home.path })
    expect(sent.at(-1)).toMatchObject({ node: 'pg-main-1', mode: 'run' })
  })

  test('settings become a patch', () => {
    expect(patchOf(['ttl=30', 'postgresql.parameters.work_mem=8MB', 'postgresql.parameters.jit='])).toEqual({
      ttl: 30,
      postgresql: { parameters: { work_mem: '8MB', jit: null } },
    })
    expect(() => patchOf(['ttl'])).toThrow('allowed: <name>=<value>')
    expect(() => patchOf(['__proto__.ttl=40'])).toThrow('allowed: <name>=<value>')
    expect(patchOf(['a=007'])).toEqual({ a: '007' })
    expect(() => patchOf(['ttl=31', 'ttl.x=3'])).toThrow('allowed: each name once')
    expect(() => patchOf(['ttl=31', 'ttl=32'])).toThrow('allowed: each name once')
    expect(() => patchOf(['ttl=9007199254740993'])).toThrow('allowed: numbers up to')
  })
})
