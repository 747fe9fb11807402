import { expect, test } from 'vitest'
import type { MetricMetadata } from '../../../../common/series/metric-type.ts'
import { noInsert, startServer } from '../test-server.ts'

const known = new Map<string, readonly MetricMetadata[]>([
  ['a_total', [{ type: 'counter', help: 'A "quoted" one.', unit: '' }]],
  [
    'b',
    [
      { type: 'gauge', help: 'one', unit: 'seconds' },
      { type: 'gauge', help: 'two', unit: 'seconds' },
    ],
  ],
])

function start() {
  return startServer({
    insert: {
      ...noInsert,
      metadata: (metric) =>
        metric === undefined ? known : new Map([...known].filter(([name]) => name === metric)),
    },
  })
}

test.each(['', '/prometheus', '/select/0/prometheus'])(
  '%s/api/v1/metadata tells everything',
  async (prefix) => {
    const server = await start()
    const answer = await server.inject({ url: `${prefix}/api/v1/metadata` })
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual({ status: 'success', data: Object.fromEntries(known) })
  },
)

test.each([
  ['metric=b', ['b'], 2],
  ['metric=c', [], 0],
  ['limit=1', ['a_total'], 1],
  ['limit=0', [], 0],
  ['limit=-1', ['a_total', 'b'], 3],
  ['limit_per_metric=1', ['a_total', 'b'], 2],
  ['limit_per_metric=0', ['a_total', 'b'], 3],
])('?%s', async (query, names, entries) => {
  const server = await start()
  const { data } = (await server.inject({ url: `/api/v1/metadata?${query}` })).json<{
    data: Record<string, unknown[]>
  }>()
  expect(Object.keys(data)).toEqual(names)
  expect(Object.values(data).flat()).toHaveLength(entries)
})

test.each(['limit', 'limit_per_metric'])(
  'a %s that is no number is refused in the words of Prometheus',
  async (name) => {
    const server = await start()
    const answer = await server.inject({ url: `/api/v1/metadata?${name}=x` })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ errorType: 'bad_data', error: `${name} must be a number` })
  },
)
