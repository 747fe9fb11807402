import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openActionSession } from '../../../../agent/postgres/action-session.ts'
import { advisePooler } from '../../../../agent/tuning/pooler/advise-pooler.ts'
import type { PooledServer, PoolerSeen } from '../../../../agent/tuning/pooler/pooler-seen.ts'
import { watchPooler } from '../../../../agent/tuning/pooler/watch-pooler.ts'
import { systemClock } from '../../../../common/clock.ts'
import { findProgram } from '../../../../testbed/find-program.ts'
import { startPgbouncer } from '../../../../testbed/pgbouncer.ts'
import type { Pgbouncer } from '../../../../testbed/pgbouncer.ts'
import { startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'

const secret = 'hunter2-of-the-pool'

const roomy: PooledServer = {
  profile: 'oltp',
  processors: 8,
  maxConnections: 100,
  reserved: 3,
  clientBackends: 10,
  activeSessions: 5,
  busyProcessors: 0.3,
  lockWaits: null,
  idleTransactionMs: 60_000,
}

describe.skipIf(findProgram('pgbouncer') === undefined)('a real pgBouncer', () => {
  let server: PostgresServer
  let busy: Pgbouncer
  let idle: Pgbouncer

  beforeAll(async () => {
    server = await startPostgres()
    await server.query(`create role app login password '${secret}'`)
    busy = (await startPgbouncer({ postgres: server, settings: { default_pool_size: '4' } }))!
    idle = (await startPgbouncer({ postgres: server, settings: { default_pool_size: '50' } }))!
  })
  afterAll(async () => {
    await busy[Symbol.asyncDispose]()
    await idle[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  })

  /** Looked at while so many clients run transactions of 20 ms. */
  async function seenUnderLoad(pooler: Pgbouncer, clients: number): Promise<PoolerSeen> {
    let goesOn = true
    const loads = Array.from({ length: clients }, async () => {
      const client = new pg.Client({ connectionString: pooler.url('postgres', 'app', secret) })
      await client.connect()
      try {
        while (goesOn) await client.query('select pg_sleep(0.02)')
      } finally {
        await client.end()
      }
    })
    try {
      return await watched(pooler)
    } finally {
      goesOn = false
      await Promise.all(loads)
    }
  }

  async function watched(pooler: Pgbouncer): Promise<PoolerSeen> {
    await using session = await openActionSession({
      url: pooler.adminUrl,
      clock: systemClock,
      slots: new Set(),
      timeoutMs: 5_000,
      console: true,
    })
    const { signal } = new AbortController()
    return await watchPooler(session, { clock: systemClock, signal, looks: 10, everyMs: 100 })
  }

  test('whose clients wait is to have a larger pool, by a step, which it takes', async () => {
    const seen = await seenUnderLoad(busy, 16)
    const { proposals, notes } = advisePooler(seen, roomy)
    const size = proposals.find(({ parameter }) => parameter === 'default_pool_size')!
    expect(size).toMatchObject({
      current: '4',
      proposed: '5',
      needs: 'reload',
      rule: 'pooler.default_pool_size',
    })
    expect(size.reason).toMatch(
      /^clients of app on postgres waited for a connection in \d+ % of 10 looks \(up to [\d.]+ m?s\), while all 4 were in use; [\d.]+ transactions per second of \d+ ms keep [\d.]+ busy; the server has \d+ for pools/,
    )
    expect(notes).toEqual([])
    for (const { parameter, proposed } of proposals) {
      await expect(accepted(busy, `set ${parameter} = '${proposed}'`), parameter).resolves.toBe(proposed)
    }
  })

  test('and not where the server has no room for it, nor where more would only wait in the server', async () => {
    await accepted(busy, "set default_pool_size = '4'")
    const seen = await seenUnderLoad(busy, 16)
    const none = advisePooler(seen, { ...roomy, maxConnections: 16 })
    expect(none.proposals.filter(({ parameter }) => parameter.includes('pool_size'))).toEqual([])
    expect(none.notes.join('\n')).toContain('there is no room for more')
    const hot = advisePooler(seen, { ...roomy, busyProcessors: 0.9 })
    expect(hot.proposals.filter(({ parameter }) => parameter === 'default_pool_size')).toEqual([])
    expect(hot.notes.join('\n')).toContain('a larger pool would not help')
  })

  test('of which little is used is to have a smaller one', async () => {
    const { proposals } = advisePooler(await seenUnderLoad(idle, 2), roomy)
    const size = proposals.find(({ parameter }) => parameter === 'default_pool_size')!
    expect(size).toMatchObject({ current: '50', proposed: '40', confidence: 'low' })
    expect(size.reason).toMatch(/^app on postgres has needed [12] of 50 connections/)
  })

  test('of 1.18 is not told of what came with 1.21', async () => {
    const seen = await watched(idle)
    const keys = new Set(seen.config.map((row) => row.get('key')))
    const { proposals } = advisePooler(seen, roomy)
    expect(proposals.filter(({ parameter }) => !keys.has(parameter))).toEqual([])
    expect(proposals.find(({ parameter }) => parameter === 'idle_transaction_timeout')).toMatchObject({
      current: '0',
      proposed: '60',
    })
  })

  /** Sends it to the console. @returns what it then shows */
  async function accepted(pooler: Pgbouncer, command: string): Promise<string | undefined> {
    const client = new pg.Client({ connectionString: pooler.adminUrl })
    await client.connect()
    try {
      await client.query(command)
      const { rows } = await client.query<{ key: string; value: string }>('show config')
      const name = /^set (\w+)/.exec(command)?.[1]
      return rows.find(({ key }) => key === name)?.value
    } finally {
      await client.end()
    }
  }
})
