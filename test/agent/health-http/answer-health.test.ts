import { describe, expect, test } from 'vitest'
import { answerHealth } from '../../../agent/health-http/answer-health.ts'
import type { HealthAnswer } from '../../../agent/health-http/answer-health.ts'
import type { InstanceHealth } from '../../../common/health/instance-health.ts'
import { someHealth, somePatroni } from '../../common/health/some-health.ts'

function ask(
  target: string,
  given: {
    readonly method?: string
    readonly health?: InstanceHealth
    readonly isCompatible?: boolean
    readonly nowMs?: number
  } = {},
): HealthAnswer {
  const health = given.health ?? someHealth()
  return answerHealth(given.method ?? 'GET', target, {
    current: (server) => (server === undefined || server === health.server ? health : undefined),
    servers: () => [health.server],
    now: () => given.nowMs ?? 1_000_500,
    staleMs: 3_000,
    isCompatible: given.isCompatible ?? false,
  })
}

const standby = someHealth({
  role: 'standby',
  isWritable: false,
  currentPosition: null,
  receivedPosition: 5_000,
  replayedPosition: 4_000,
  upstream: {
    host: '10.0.0.1',
    port: 5432,
    slotName: null,
    status: 'streaming',
    latestEndPosition: 5_000,
    latestEndMs: 1_000_000,
  },
})
const orphan = (answeredMs: number) =>
  someHealth({ patroni: somePatroni({ answeredMs, isReachable: false }) })

describe('without Patroni', () => {
  test.each([
    ['/primary', 200],
    ['/read-only', 200],
    ['/replica', 503],
    ['/health', 200],
    ['/up', 200],
    ['/readiness', 200],
    ['/liveness', 200],
  ])('a primary answers %s with %i', (path, status) => {
    expect(ask(path).status).toBe(status)
  })

  test.each([
    ['/primary', 503],
    ['/read-only', 200],
    ['/replica', 200],
    ['/replica?lag=1000', 200],
    ['/replica?lag=999', 503],
    ['/readiness?lag=500', 503],
    ['/readiness?lag=500&mode=write', 200],
    ['/sync', 503],
  ])('a standby that is 1,000 bytes behind answers %s with %i', (path, status) => {
    expect(ask(path, { health: standby }).status).toBe(status)
  })

  test('a server that takes no writes is no primary for a load balancer', () => {
    expect(ask('/primary', { health: someHealth({ isWritable: false }) }).status).toBe(503)
  })
})

describe('a synchronous standby that is 1,000 bytes behind', () => {
  const patroni = somePatroni({
    role: 'replica',
    hasLock: false,
    answeredMs: 1_000_000,
    storeSeenMs: 1_000_000,
  })

  test.each([
    ['/read-only-sync', 200],
    ['/read-only-sync?lag=1000', 200],
    ['/read-only-sync?lag=999', 503],
    ['/read-only-sync?lag=1mb', 400],
    ['/read-only-sync?replication_state=streaming', 200],
    ['/read-only-synchronous?lag=999', 503],
    ['/read-only-quorum?lag=1000', 503],
  ])('%s is answered with %i', (path, status) => {
    const health = { ...standby, patroni: { ...patroni, isSyncStandby: true } }
    expect(ask(path, { health }).status).toBe(status)
  })

  test.each([
    ['/read-only-quorum?lag=1000', 200],
    ['/read-only-quorum?lag=999', 503],
  ])('%s is answered with %i where it is one by quorum', (path, status) => {
    const health = { ...standby, patroni: { ...patroni, isQuorumStandby: true } }
    expect(ask(path, { health }).status).toBe(status)
  })

  test.each(['/read-only-sync?lag=0', '/read-only-quorum?lag=0'])('its leader answers %s', (path) => {
    const health = someHealth({ patroni: somePatroni({ answeredMs: 1_000_000, storeSeenMs: 1_000_000 }) })
    expect(ask(path, { health }).status).toBe(200)
  })
})

describe('what is not known is not answered with 200', () => {
  test.each(['hung', 'down', 'starting', 'refusing', 'unknown'] as const)('a server that is %s', (state) => {
    expect(ask('/primary', { health: someHealth({ state }) }).status).toBe(503)
  })

  test('a state that is too old, and the answer says how old', () => {
    const answer = ask('/primary', { nowMs: 1_004_000 })
    expect([answer.status, answer.reason]).toEqual([503, 'the newest look at the server is 4.0 s old'])
  })

  test('a leader whose Patroni has been silent: another may have been elected', () => {
    const answer = ask('/primary', { health: orphan(996_000) })
    expect([answer.status, answer.reason]).toEqual([503, 'Patroni has not answered for 4.5 s'])
  })

  test('a state from before the clock was set back, which makes it no younger', () => {
    const { status, reason } = ask('/primary', { nowMs: 1_000_000 - 3_600_000 })
    expect([status, reason]).toEqual([
      503,
      'the clock was set back by 3600.0 s since the newest look at the server',
    ])
  })

  test('a leader whose Patroni was heard before the clock was set back', () => {
    expect(ask('/primary', { health: orphan(1_003_000) }).status).toBe(503)
  })

  test('one answer of Patroni that is missing is not taken for silence', () => {
    expect(ask('/primary', { health: orphan(998_700) }).status).toBe(200)
  })

  test('a lag that is asked for and not known', () => {
    const health = { ...standby, upstream: null, receivedPosition: null }
    expect(ask('/replica?lag=1MB', { health }).status).toBe(503)
  })
})

describe('poolers', () => {
  const pooler = { pooler: 'pg-main-1:6432', isReachable: true, reachesServer: false, reason: 'login failed' }

  test('a pooler that does not reach the server takes /pooled paths out, and no others', () => {
    const health = someHealth({ poolers: [pooler] })
    expect([ask('/pooled/primary', { health }).status, ask('/primary', { health }).status]).toEqual([
      503, 200,
    ])
  })

  test('the reason names the pooler', () => {
    expect(ask('/pooled/', { health: someHealth({ poolers: [pooler] }) }).reason).toBe(
      'the pooler does not let connections through: pg-main-1:6432: login failed',
    )
  })

  test('with poolers that work, and with none, /pooled/primary is /primary', () => {
    const health = someHealth({ poolers: [{ ...pooler, reachesServer: true }] })
    expect([ask('/pooled/primary', { health }).status, ask('/pooled/primary').status]).toEqual([200, 200])
  })
})

describe('requests that cannot be meant', () => {
  test.each([
    ['/replica?lag=1mb', 400, 'lag: was "1mb"; allowed: bytes, or a number with B, kB, MB, GB or TB'],
    ['/replica?lag=', 400, 'lag: was ""; allowed: bytes, or a number with B, kB, MB, GB or TB'],
    ['/replica?lagg=1MB', 400, 'lagg: is no parameter of this path'],
    ['/replica?lag=1MB&lag=2MB', 400, 'lag: is given twice'],
    ['/readiness?mode=fast', 400, 'mode: was "fast"; allowed: apply, write'],
    ['/primary/x', 404, 'no such path; there are / /primary'],
    ['/servers/pg-other-1/primary', 404, 'no such server; there are pg-main-1'],
    ['/servers/%E0%A4%A/primary', 400, 'the path cannot be read'],
  ])('%s: %i, %s', (target, status, reason) => {
    const answer = ask(target, { health: standby })
    expect([answer.status, answer.reason.slice(0, reason.length)]).toEqual([status, reason])
  })

  test('a method that changes something is not allowed', () => {
    expect(ask('/restart', { method: 'POST' }).status).toBe(405)
  })

  test('with compat: patroni, an unreadable lag is no limit, as in Patroni', () => {
    expect(ask('/replica?lag=1mb', { health: standby, isCompatible: true }).status).toBe(200)
  })
})

describe('forms of asking', () => {
  test('a server is named by its path', () => {
    expect(ask('/servers/pg-main-1/primary').status).toBe(200)
  })

  test.each(['HEAD', 'OPTIONS'])('%s has the status of GET and no body', (method) => {
    const answer = ask('/primary', { method })
    expect([answer.status, answer.body]).toEqual([200, ''])
  })

  test('with compat: patroni, HEAD /liveness is refused as Patroni refuses it', () => {
    const compatible = ask('/liveness', { method: 'HEAD', isCompatible: true })
    expect([compatible.status, ask('/liveness', { method: 'HEAD' }).status]).toEqual([503, 200])
  })
})

describe('documents', () => {
  test('/patroni tells the system identifier as text, since it exceeds 2^53', () => {
    expect(JSON.parse(ask('/patroni').body)).toMatchObject({
      state: 'running',
      role: 'primary',
      database_system_identifier: '7300000000000000001',
      xlog: { location: 1000 },
    })
  })

  test('/patroni is answered also for a server that is down', () => {
    const answer = ask('/patroni', { health: someHealth({ state: 'down', reason: 'nothing listens' }) })
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
      200,
      { state: 'stopped', pgherd: { state: 'down', reason: 'nothing listens' } },
    ])
  })

  test('/cluster lists the members as Patroni does, an unknown lag as "unknown"', () => {
    const member = { state: 'streaming', timeline: 2, apiUrl: null, host: '10.0.0.2', port: 5432 }
    const health = someHealth({
      patroni: somePatroni({
        members: [
          { ...member, member: 'a', role: 'leader', lagBytes: null },
          { ...member, member: 'b', role: 'replica', lagBytes: null },
        ],
      }),
    })
    expect(JSON.parse(ask('/cluster', { health }).body)).toEqual({
      members: [
        { name: 'a', role: 'leader', state: 'streaming', host: '10.0.0.2', port: 5432, timeline: 2 },
        {
          name: 'b',
          role: 'replica',
          state: 'streaming',
          host: '10.0.0.2',
          port: 5432,
          timeline: 2,
          lag: 'unknown',
        },
      ],
      scope: 'pg-main',
    })
  })

  test('/history lists timelines as Patroni does', () => {
    const entry = { timeline: 1, position: 42, reason: 'no recovery target specified' }
    const history = [
      { ...entry, at: null, newLeader: null },
      { ...entry, timeline: 2, at: '2026-01-01T00:00:00+00:00', newLeader: 'b' },
    ]
    const health = someHealth({ patroni: somePatroni({ history }) })
    expect(JSON.parse(ask('/history', { health }).body)).toEqual([
      [1, 42, 'no recovery target specified'],
      [2, 42, 'no recovery target specified', '2026-01-01T00:00:00+00:00', 'b'],
    ])
  })

  test("/metrics speaks Patroni's names", () => {
    expect(ask('/metrics', { health: someHealth({ patroni: somePatroni() }) }).body).toContain(
      'patroni_primary{scope="pg-main",name="pg-main-1"} 1\n',
    )
  })
})
