import { describe, expect, test } from 'vitest'
import { failure, fakeCollector, nodeCalled } from './fake-collector.ts'
import type { Answering } from './fake-collector.ts'
import { runAgentctl } from './run-agentctl.ts'

const vector = (values: Readonly<Record<string, string>>) => ({
  resultType: 'vector',
  result: Object.entries(values).map(([cls, value]) => ({ metric: { cls }, value: [1, value] })),
})

const figures: Answering = ({ body }) =>
  new URLSearchParams(body).get('query')?.includes('pg_lag') === true
    ? vector({ 'pg-main': '0.25' })
    : vector({ 'pg-main': '1234.5', 'pg-test': '0.2' })

const fleet = [
  nodeCalled('pg-main-10', { up: false, role: null }),
  nodeCalled('pg-main-2', { connected: false }),
  nodeCalled('pg-main-1', { role: 'primary' }),
  nodeCalled('pg-test-1', { up: null, role: null, connected: false }),
  nodeCalled('pg-twin-1', { role: 'primary' }),
  nodeCalled('pg-twin-2', { role: 'primary' }),
  nodeCalled('pg-orphan-1'),
]

const collector = (query: Answering = figures) =>
  fakeCollector({ 'GET /api/v1/nodes': () => fleet, 'POST /api/v1/query': query })

describe('agentctl clusters', () => {
  test('shows in a line who leads, who is down or away, and how far the standbys are', async () => {
    const { url } = await collector()
    expect((await runAgentctl(['clusters'], { url })).out).toMatchInlineSnapshot(`
      "CLUSTER    MEMBERS  PRIMARY                        STANDBYS  DOWN        AGENTS AWAY  NO SAMPLES   LAG  COMMITS/S
      pg-main          3  pg-main-1                             1  pg-main-10  pg-main-2                0.3s       1235
      pg-orphan        1  NONE                                  1  -           -                           -          -
      pg-test          1  -                                     0  -           pg-test-1    pg-test-1      -        0.2
      pg-twin          2  SEVERAL: pg-twin-1, pg-twin-2         0  -           -                           -          -"
    `)
  })

  test('a narrow terminal keeps what matters when something is wrong', async () => {
    const { url } = await collector()
    const { out } = await runAgentctl(['clusters'], { url, width: 60 })
    expect(out.split('\n').every((line) => line.length <= 60)).toBe(true)
    expect(out).toMatch(/^CLUSTER +MEMBERS +PRIMARY +STANDBYS +DOWN +LAG$/m)
  })

  test('only those that are named, and a wrong name is told with the right ones', async () => {
    const { url } = await collector()
    const { out } = await runAgentctl(['clusters', '-o', 'tsv', 'pg-twin'], { url })
    expect(out.split('\n')).toHaveLength(2)
    const { error } = await runAgentctl(['clusters', 'pg-mian'], { url })
    expect(error).toMatchObject({ exit: 1, message: expect.stringContaining('pg-main') as string })
  })

  test('a query that fails costs its column, not the list', async () => {
    const { url } = await collector(() => failure('execution', 'the store is away'))
    const { out, warnings, error } = await runAgentctl(['clusters', 'pg-main'], { url })
    expect(error).toBeUndefined()
    expect(out).toMatch(/^pg-main +3 +pg-main-1 +1 +pg-main-10 +pg-main-2 +- +-$/m)
    expect(warnings.join()).toContain('the store is away')
  })
})

describe('agentctl nodes', () => {
  const odd = [
    nodeCalled('pg-main-1', {
      clockSkewed: true,
      clockSkewMs: -95_000,
      auditBreaks: 2,
      servers: [
        { server: 'pg-main-1', kind: 'postgres', systemIdentifier: '1' },
        { server: 'pgbouncer-main-1', kind: 'pgbouncer', systemIdentifier: null },
      ],
    }),
    nodeCalled('pg-main-2', { role: 'primary' }),
  ]

  test('tells of a clock that is wrong, of breaks in the audit and of further servers', async () => {
    const { url } = await fakeCollector({ 'GET /api/v1/nodes': () => odd })
    const { out } = await runAgentctl(['nodes'], { url, width: 200 })
    expect(out).toContain('clock 1m35s behind; audit broke 2 times; also pgbouncer-main-1')
  })

  test.each([
    [['--role', 'primary'], ['pg-main-2']],
    [
      ['-c', 'pg-main'],
      ['pg-main-1', 'pg-main-2'],
    ],
    [['-n', 'pg-main-1'], ['pg-main-1']],
  ])('%j narrows the list', async (flags, nodes) => {
    const { url } = await fakeCollector({ 'GET /api/v1/nodes': () => odd })
    const { out } = await runAgentctl(['nodes', '-o', 'json', ...flags], { url })
    expect((JSON.parse(out) as { node: string }[]).map(({ node }) => node)).toEqual(nodes)
  })

  test('in 80 columns every line fits, and the state of server and agent stays', async () => {
    const { url } = await fakeCollector({ 'GET /api/v1/nodes': () => odd })
    const { out } = await runAgentctl(['nodes'], { url, width: 80 })
    expect(out.split('\n').every((line) => line.length <= 80)).toBe(true)
    expect(out).toMatch(/^NODE +SERVER +ROLE +AGENT +LAST SAMPLE +NOTES$/m)
  })
})
