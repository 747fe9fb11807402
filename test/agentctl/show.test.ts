import { expect, test } from 'vitest'
import { fakeCollector, nodeCalled } from './fake-collector.ts'
import { runAgentctl } from './run-agentctl.ts'

const action = (kind: string, target: string, reports: readonly string[]) => ({
  kind,
  what: '',
  risk: 'read',
  target,
  args: { type: 'object', properties: { report: { enum: reports } } },
  deadlineMs: 1_000,
  examples: [],
})

const collector = () =>
  fakeCollector({
    'GET /api/v1/nodes': () => [nodeCalled('pg-main-1')],
    'GET /api/v1/nodes/pg-main-1/actions': () => [
      action('show', 'server', ['activity', 'settings']),
      action('pgbouncer-show', 'pooler', ['pools', 'settings']),
    ],
  })

test('a report of a pooler is asked of a pooler, and not of a server that has one of the same name', async () => {
  const { url } = await collector()
  const { error } = await runAgentctl(['show', 'pgbouncer-settings', '-n', 'pg-main-1'], { url })
  expect(error).toMatchObject({ code: 'NOT_FOUND' })
  expect(error?.message).toContain('pg-main-1 has no pgBouncer')
})

test('a mistyped report is answered with the nearest names of servers and poolers', async () => {
  const { url } = await collector()
  const { error } = await runAgentctl(['show', 'pgbouncer-pols', '-n', 'pg-main-1'], { url })
  expect(error).toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining(
      'no report is called pgbouncer-pols; allowed: pgbouncer-pools',
    ) as string,
  })
})
