import pg from 'pg'
import { expect, test } from 'vitest'
import { ddlAnswer, ddlStateAnswer } from '../../common/insight/ddl-view.ts'
import type { DdlChange } from '../../common/insight/ddl-view.ts'
import { eventsAnswer } from '../../common/wire/events.ts'
import { waitFor } from '../../testbed/wait.ts'
import { runAgentctl } from '../agentctl/run-agentctl.ts'
import { startHerd } from './herd.ts'
import type { Herd } from './herd.ts'

/** A look on a busy machine is followed by a pause in proportion. */
const patient = { timeoutMs: 90_000 }

const ask = async (herd: Herd, path: string): Promise<unknown> => {
  const response = await fetch(`${herd.collector.url}${path}`, { signal: AbortSignal.timeout(10_000) })
  return response.ok ? await response.json() : undefined
}
const changes = async (herd: Herd): Promise<readonly DdlChange[]> =>
  ddlAnswer.parse(await ask(herd, '/api/v1/ddl?cluster=pg-sys&database=postgres')).data

test('every change of a schema is in the history once, whoever of agent and collector is killed meanwhile', async () => {
  await using herd = await startHerd()
  const { postgres, agent, collector } = herd
  // It stays, as a program that migrates does, so that it is seen.
  await using stack = new AsyncDisposableStack()
  const client = new pg.Client({ connectionString: postgres.url(), application_name: 'migrate' })
  await client.connect()
  stack.defer(() => client.end())
  const whole = (database: string) =>
    waitFor(
      `what there is in "${database}" to be known`,
      async () => {
        const path = `/api/v1/ddl/state?cluster=pg-sys&database=${database}`
        return ddlStateAnswer.safeParse(await ask(herd, path)).success
      },
      { ...patient, explain: () => agent.logTail(10) },
    )
  const told = (object: string): Promise<DdlChange> =>
    waitFor(object, async () => (await changes(herd)).find((one) => one.object === object), {
      ...patient,
      explain: () => agent.logTail(10),
    })
  await whole('')
  await whole('postgres')

  await client.query(`create table public.first (a int, secret text default 'hidden')`)
  const first = await told('public.first')
  expect(first).toMatchObject({
    ...{ change: 'created', kind: 'table', server: 'pg-sys-1', actor: 'postgres', application: 'migrate' },
    statement: 'create table public.first (a int, secret text default ?)',
  })

  await client.query('create table public.second (a int)')
  await agent.kill()
  await client.query('alter table public.first rename to once')
  await agent.start()
  await told('public.second')
  await told('public.once')

  await collector.kill()
  await client.query('create index once_a on public.once (a)')
  await client.query('drop table public.second')
  await agent.kill()
  await agent.start()
  await collector.start()
  await told('public.once_a')

  const lines = (await changes(herd)).map(({ kind, object, change }) => `${kind} ${object} ${change}`)
  expect(lines.sort()).toEqual([
    'index public.once_a created',
    'table public.first created',
    'table public.once renamed',
    'table public.second created',
    'table public.second dropped',
  ])
  const events = eventsAnswer.parse(await ask(herd, '/api/v1/events?type=ddl')).data
  expect(events.map(({ text }) => text).join('\n')).toContain('table public.first created, by postgres')

  const agentctl = (...args: readonly string[]) => runAgentctl(['ddl', ...args], { url: collector.url })
  expect((await agentctl('history', '-c', 'pg-sys', '--object', 'first')).out).toMatch(
    /created +table public.first +postgres +migrate/,
  )
  expect((await agentctl('show', String(first.seq))).out).toContain(
    `+ column secret: (2) text default 'hidden'::text`,
  )
  const diff = await agentctl('diff', '-c', 'pg-sys', '-d', 'postgres', '--at', String(first.atMs / 1000))
  expect(diff.out.split('\n').slice(0, 4)).toEqual([
    'database postgres:',
    '+ index public.once_a',
    expect.stringContaining('definition: CREATE INDEX once_a') as string,
    expect.any(String) as string,
  ])
  expect(diff.out).toContain('~ table public.once (was public.first)')
}, 240_000)
