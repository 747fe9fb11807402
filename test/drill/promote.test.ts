import { afterAll, beforeAll, expect, test } from 'vitest'
import { kindsBeside } from '../../agent/actions/kinds.ts'
import { startPostgres, startStandby } from '../../testbed/postgres.ts'
import type { PostgresServer } from '../../testbed/postgres.ts'
import { waitFor } from '../../testbed/wait.ts'
import { contextOver, openForTest } from '../agent/actions/action-context.ts'

let primary: PostgresServer
let standby: PostgresServer

beforeAll(async () => {
  primary = await startPostgres({ name: 'old' })
  standby = await startStandby(primary, { name: 'next' })
}, 60_000)

afterAll(async () => {
  await standby[Symbol.asyncDispose]()
  await primary[Symbol.asyncDispose]()
})

const context = (server: PostgresServer) => contextOver(openForTest(server.url('postgres')))
const promote = (patronis: Parameters<typeof kindsBeside>[0] = []) =>
  kindsBeside(patronis).find(({ kind }) => kind === 'promote')!
const old = () => `${primary.host}:${primary.port}`
const run = (fenced: string, server = standby) => promote().run(context(server), { fenced })

test('a standby is promoted only when its old primary is named and gone', async () => {
  await expect(run(old(), primary)).rejects.toMatchObject({
    code: 'REFUSED',
    message: 'it is a primary already',
  })
  await expect(run(old())).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining('which is alive: nothing is fenced') as string,
  })
  await expect(promote([{}]).run(context(standby), { fenced: old() })).rejects.toMatchObject({
    message: expect.stringContaining('Patroni runs on this host') as string,
  })

  await primary.pause()
  await waitFor(
    'the receiver to be silent',
    async () => {
      const rows = await standby.query<{ is_silent: boolean }>(
        `select coalesce(max(latest_end_time) < now() - interval '10 s', true) as is_silent from pg_stat_wal_receiver`,
      )
      return rows[0]?.is_silent === true
    },
    { timeoutMs: 30_000 },
  )
  // A server that hangs takes connections: clients may be held, and it may come back.
  await expect(run(old())).rejects.toMatchObject({
    message: expect.stringContaining('still takes connections') as string,
  })
  primary.resume()
  await primary.stop('immediate')

  await expect(run('10.0.0.9:5432')).rejects.toMatchObject({
    message: expect.stringContaining(`allowed: ${old()}`) as string,
  })
  const plan = await promote().plan(context(standby), { fenced: old() })
  expect(plan.at(-1)).toBe('nothing speaks against it')

  const done = await run(old())
  const steps = await promote().verify!(context(standby), { fenced: old() }, done)
  expect(steps).toEqual([expect.stringMatching(/^it takes writes on timeline 2, at /)])
  await standby.query('create table after_promotion ()')
}, 90_000)
