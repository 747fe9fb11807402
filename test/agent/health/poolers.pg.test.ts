import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPgbouncer } from '../../../testbed/pgbouncer.ts'
import type { Pgbouncer } from '../../../testbed/pgbouncer.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { watch } from './watched.ts'
import type { Watched } from './watched.ts'

let server: PostgresServer
let other: PostgresServer

beforeAll(async () => {
  const started = await Promise.all([startPostgres(), startPostgres({ name: 'other' })])
  ;[server, other] = started
  for (const one of started) {
    await one.query(`create role pgherd login password 'secret'; grant pg_monitor to pgherd`)
  }
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
})

function watchThrough(pooler: Pgbouncer, way: 'console' | 'through'): Watched {
  const through = pooler.url('postgres', 'pgherd', 'secret')
  return watch(`postgres: { url: '${server.url('postgres', 'pgherd')}' }
poolers: [{ url: '${pooler.adminUrl}'${way === 'through' ? `, through_url: '${through}'` : ''} }]`)
}

async function poolerOn(postgres: PostgresServer): Promise<Pgbouncer> {
  const pooler = await startPgbouncer({ postgres })
  if (pooler === undefined) throw new Error('pgbouncer is not installed')
  return pooler
}

test('a pooler leads to the server until it dies, which is known within two seconds', async () => {
  await using pooler = await poolerOn(server)
  const found = watchThrough(pooler, 'through')
  const { report } = await found.until('its way', ({ poolers }) => poolers[0]?.reachesServer === true)
  expect(report.poolers).toEqual([
    { pooler: `127.0.0.1:${pooler.port}`, isReachable: true, reachesServer: true, reason: 'ok' },
  ])
  process.kill(pooler.pid, 'SIGKILL')
  const dead = await found.until('its end', ({ poolers }) => poolers[0]?.isReachable === false)
  expect(dead.tookMs).toBeLessThan(2_000)
  expect(dead.report.state).toBe('running')
})

test('a pooler that hangs is not reachable', async () => {
  await using pooler = await poolerOn(server)
  const found = watchThrough(pooler, 'through')
  await found.until('its way', ({ poolers }) => poolers[0]?.reachesServer === true)
  process.kill(pooler.pid, 'SIGSTOP')
  try {
    const { tookMs } = await found.until('its silence', ({ poolers }) => poolers[0]?.isReachable === false)
    expect(tookMs).toBeLessThan(2_000)
  } finally {
    process.kill(pooler.pid, 'SIGCONT')
  }
})

test('a pooler that leads to another server does not reach this one', async () => {
  await using pooler = await poolerOn(other)
  const found = watchThrough(pooler, 'through')
  const { report } = await found.until('its way', ({ poolers }) => poolers[0]?.reachesServer === false)
  expect(report.poolers[0]).toMatchObject({ isReachable: true, reason: 'it leads to another server' })
})

test('without a database through it, only its console is asked, and where it leads is not known', async () => {
  await using pooler = await poolerOn(server)
  const found = watchThrough(pooler, 'console')
  const { report } = await found.until('its console', ({ poolers }) => poolers[0]?.isReachable === true)
  expect(report.poolers[0]).toMatchObject({ reachesServer: null, reason: 'its console answers' })
})
