import { expect, test } from 'vitest'
import type { RuleGroupView } from '../../../../collector/http/rule-views.ts'
import { startServer } from '../test-server.ts'

const alert = {
  labels: { alertname: 'Down' },
  annotations: {},
  state: 'firing',
  activeAt: 'then',
  value: '1e+00',
}
const groups: readonly RuleGroupView[] = [
  {
    name: 'first',
    file: 'a.yaml',
    rules: [
      { type: 'alerting', name: 'Down', alerts: [alert] },
      { type: 'recording', name: 'pg:up' },
    ],
  },
  { name: 'second', file: 'b.yaml', rules: [{ type: 'recording', name: 'pg:down' }] },
]

async function namesFor(parameters: string): Promise<unknown> {
  const server = await startServer({ rules: () => groups })
  const answer = await server.inject({ url: `/api/v1/rules?${parameters}` })
  const { data } = answer.json<{ data: { groups: RuleGroupView[] } }>()
  return data.groups.map((group) => [group.name, group.rules.map((rule) => rule.name)])
}

test('all groups are shown with their rules and alerts', async () => {
  const server = await startServer({ rules: () => groups })
  expect((await server.inject({ url: '/api/v1/rules' })).json()).toEqual({
    status: 'success',
    data: { groups },
  })
})

test.each([
  ['type=alert', [['first', ['Down']]]],
  [
    'type=record',
    [
      ['first', ['pg:up']],
      ['second', ['pg:down']],
    ],
  ],
  ['rule_group[]=second', [['second', ['pg:down']]]],
  ['file[]=a.yaml', [['first', ['Down', 'pg:up']]]],
  [
    'rule_name[]=Down&rule_name[]=pg:down',
    [
      ['first', ['Down']],
      ['second', ['pg:down']],
    ],
  ],
  ['rule_name[]=nothing', []],
])('%s narrows the answer', async (parameters, expected) => {
  expect(await namesFor(parameters)).toEqual(expected)
})

test('exclude_alerts leaves the alerts out', async () => {
  const server = await startServer({ rules: () => groups })
  const answer = await server.inject({ url: '/api/v1/rules?exclude_alerts=true&type=alert' })
  expect(answer.json()).toMatchObject({ data: { groups: [{ rules: [{ name: 'Down', alerts: [] }] }] } })
})

test('an unknown type is refused', async () => {
  const server = await startServer()
  const answer = await server.inject({ url: '/api/v1/rules?type=other' })
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({
    error: 'invalid parameter "type": not supported value "other"; allowed: alert, record',
  })
})

test('the alerts are listed on their own', async () => {
  const server = await startServer({ alerts: () => [alert] })
  expect((await server.inject({ url: '/api/v1/alerts' })).json()).toEqual({
    status: 'success',
    data: { alerts: [alert] },
  })
})
