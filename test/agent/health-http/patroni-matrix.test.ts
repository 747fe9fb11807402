import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { answerHealth } from '../../../agent/health-http/answer-health.ts'
import type { InstanceHealth } from '../../../common/health/instance-health.ts'
import { someHealth, somePatroni } from '../../common/health/some-health.ts'

/** What Patroni 4.1.4's own handler answered in 18 states to 31 paths. */
const scenario = z.object({
  status: z.object({
    role: z.enum(['primary', 'replica', 'standby_leader']),
    state: z.enum(['running', 'starting', 'stopped']),
    xlog: z.object({ location: z.number().optional(), replayed_location: z.number().optional() }).optional(),
    replication_state: z.string().optional(),
    sync_standby: z.boolean().optional(),
    quorum_standby: z.boolean().optional(),
  }),
  lock: z.boolean(),
  standby: z.boolean(),
  cluster: z.boolean(),
  last_lsn: z.number(),
  tags: z.record(z.string(), z.union([z.string(), z.boolean()])),
  paused: z.boolean(),
})
const matrix = z
  .object({
    scenarios: z.record(z.string(), scenario),
    codes: z.record(z.string(), z.record(z.string(), z.number())),
  })
  .parse(JSON.parse(readFileSync(new URL('patroni-health-matrix.json', import.meta.url), 'utf8')))

const nowMs = 1_000_000

/** The state as the agent beside that Patroni would report it. */
function reportOf({ status, ...rest }: z.infer<typeof scenario>): InstanceHealth {
  const isPrimary = status.role === 'primary'
  const replayed = status.xlog?.replayed_location ?? null
  return someHealth({
    state: status.state === 'stopped' ? 'down' : status.state,
    role: status.state === 'running' ? (isPrimary ? 'primary' : 'standby') : null,
    isWritable: status.state === 'running' ? isPrimary : null,
    currentPosition: status.xlog?.location ?? null,
    replayedPosition: replayed,
    receivedPosition: replayed,
    upstream:
      status.replication_state === 'streaming'
        ? {
            host: null,
            port: null,
            slotName: null,
            status: 'streaming',
            latestEndPosition: rest.last_lsn,
            latestEndMs: nowMs,
          }
        : null,
    patroni: somePatroni({
      state: status.state,
      role: status.role,
      // GET /leader falls back to the role while Patroni is paused and knows no members.
      hasLock: rest.lock || (!rest.cluster && rest.paused && status.role !== 'replica'),
      isPaused: rest.paused,
      storeSeenMs: rest.cluster ? nowMs : null,
      isSyncStandby: status.sync_standby ?? false,
      isQuorumStandby: status.quorum_standby ?? false,
      tags: rest.tags,
      settings: { ...somePatroni().settings, isStandbyCluster: rest.standby },
    }),
  })
}

const cells = Object.entries(matrix.scenarios).flatMap(([name, given]) =>
  Object.entries(matrix.codes[name]!).map(([path, code]) => ({ name, given, path, code })),
)

function statusOf(path: string, health: InstanceHealth, isCompatible: boolean): number {
  return answerHealth('GET', path, {
    current: () => health,
    servers: () => [health.server],
    now: () => nowMs,
    staleMs: 3_000,
    isCompatible,
  }).status
}

describe("the answers of Patroni's own handler", () => {
  test('the matrix has 18 states and 31 paths', () => {
    expect(cells).toHaveLength(18 * 31)
  })

  test('with compat: patroni every answer is equal', () => {
    const different = cells
      .map(({ name, given, path, code }) => ({
        name,
        path,
        code,
        ours: statusOf(path, reportOf(given), true),
      }))
      .filter(({ code, ours }) => code !== ours)
    expect(different).toEqual([])
  })

  test('strictly, every difference is one of those that are meant', () => {
    const unexplained = cells
      .map(({ name, given, path, code }) => ({
        name,
        path,
        code,
        ours: statusOf(path, reportOf(given), false),
      }))
      .filter(({ code, ours }) => code !== ours)
      .filter(({ name, path, code, ours }) => {
        // Paths that there are not: a typing mistake must not take traffic, nor look like a server that is ill.
        if (path === '/nosuch' || path === '/myprimarything') return ours !== 404
        // A limit that cannot be read is no reason to go without one.
        if (path === '/replica?lag=abc') return ours !== 400
        // A leader that still starts up takes no writes.
        if (name === 'primary starting +lock') return !(code === 200 && ours === 503)
        return true
      })
    expect(unexplained).toEqual([])
  })

  test('strictly, no answer is 200 where Patroni says 503', () => {
    const bolder = cells.filter(
      ({ given, path, code }) => code === 503 && statusOf(path, reportOf(given), false) === 200,
    )
    expect(bolder).toEqual([])
  })
})
