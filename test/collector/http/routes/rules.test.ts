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

test.each([
  '/rules',
  '/vmalert/api/v1/rules',
  '/prometheus/api/v1/rules',
  '/select/0/prometheus/vmalert/rules',
])('%s is the same answer where VictoriaMetrics has it', async (url) => {
  const server = await startServer({ rules: () => groups })
  expect((await server.inject({ url })).json()).toEqual({ status: 'success', data: { groups } })
})

test('match[] keeps rules by their labels', async () => {
  const labelled = groups.map((group) => ({
    ...group,
    rules: group.rules.map((rule) => ({ ...rule, labels: { team: group.name } })),
  }))
  const server = await startServer({
    rules: () => labelled,
    language: {
      addFilters: (text) => text,
      format: (text) => text,
      describe: () => ({}),
      matches: (labels, selectors) => labels['team'] === selectors[0]?.[0]?.value,
    },
  })
  const answer = await server.inject({ url: '/api/v1/rules?match[]=second' })
  expect(answer.json<{ data: { groups: { name: string }[] } }>().data.groups.map(({ name }) => name)).toEqual(
    ['second'],
  )
})

test('groups come in pages, each with the token of the next', async () => {
  const server = await startServer({ rules: () => groups })
  const page = async (parameters: string) =>
    (await server.inject({ url: `/api/v1/rules?group_limit=1${parameters}` })).json<{
      data: { groups: { name: string }[]; groupNextToken?: string }
    }>().data
  const first = await page('')
  expect(first.groups.map(({ name }) => name)).toEqual(['first'])
  const second = await page(`&group_next_token=${first.groupNextToken}`)
  expect(second.groups.map(({ name }) => name)).toEqual(['second'])
  expect(second).not.toHaveProperty('groupNextToken')
})

test.each([
  [
    'group_next_token=x',
    'invalid parameter "group_limit": group_limit needs to be set to paginate over the groups',
  ],
  [
    'group_limit=1&group_next_token=x',
    'invalid parameter "group_next_token": invalid group_next_token \'x\'. were rule groups changed?',
  ],
  ['exclude_alerts=maybe', 'invalid parameter "exclude_alerts": cannot parse "maybe" to a boolean'],
])('%s is refused', async (parameters, error) => {
  const server = await startServer({ rules: () => groups })
  const answer = await server.inject({ url: `/api/v1/rules?${parameters}` })
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({ error })
})
