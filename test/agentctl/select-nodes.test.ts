import { expect, test } from 'vitest'
import { fakeCollector, nodeCalled } from './fake-collector.ts'
import { runAgentctl } from './run-agentctl.ts'

test.each([
  [3, 'pg-mian-2', 'no node is called pg-mian-2; there are: pg-main-1, pg-main-2, pg-main-3'],
  [12, 'db', 'no node is called db; there are: pg-main-1, pg-main-2, pg-main-3, pg-main-4, pg-main-5'],
  [12, 'pg-mian-12', 'no node is called pg-mian-12; there are: pg-main-12'],
])('of %d nodes, a name that none has is answered with those that are near', async (count, name, message) => {
  const nodes = Array.from({ length: count }, (_, at) => nodeCalled(`pg-main-${at + 1}`))
  const { url } = await fakeCollector({ 'GET /api/v1/nodes': () => nodes })
  const { error } = await runAgentctl(['nodes', '-n', name], { url })
  expect(error).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining(message) as string })
})

test('a usage error names the help of its own command', async () => {
  const { error } = await runAgentctl(['tokens', 'create'], {})
  expect(error?.message).toContain('(see agentctl tokens create --help)')
})
