import { expect, test } from 'vitest'
import { answering, runAgentctl } from './run-agentctl.ts'

const agentctl = (argv: readonly string[], url?: string, width = 120) => runAgentctl(argv, { url, width })

const node = {
  node: 'pg-main-1',
  cluster: 'pg-main',
  ip: '10.0.0.1',
  version: '0.1.0',
  connected: true,
  firstSeenMs: 1_700_000_000_000,
  lastSeenMs: 1_700_000_099_000,
  clockSkewMs: 2,
  clockSkewed: false,
  servers: [],
  auditBreaks: 0,
  role: 'primary',
  up: true,
  lastSampleMs: 1_700_000_092_000,
}

test('nodes lists servers with role, state and age, members in numeric order', async () => {
  const { url } = await answering(200, {
    status: 'success',
    data: [
      { ...node, node: 'pg-main-10', role: 'standby', up: false, connected: false, lastSampleMs: null },
      { ...node, node: 'pg-main-2', role: null, up: null },
      node,
    ],
  })
  expect((await agentctl(['nodes'], url)).out).toMatchInlineSnapshot(`
    "NODE        CLUSTER  IP        SERVER   ROLE     AGENT      LAST SAMPLE  VERSION
    pg-main-1   pg-main  10.0.0.1  up       primary  connected       8s ago  0.1.0
    pg-main-2   pg-main  10.0.0.1  unknown  -        connected       8s ago  0.1.0
    pg-main-10  pg-main  10.0.0.1  DOWN     standby  away              none  0.1.0"
  `)
})

test('nodes -o json prints what the collector answered', async () => {
  const { url } = await answering(200, { status: 'success', data: [node] })
  expect(JSON.parse((await agentctl(['nodes', '-o', 'json'], url)).out)).toEqual([node])
})

test('an empty fleet is said in words', async () => {
  const { url } = await answering(200, { status: 'success', data: [] })
  expect((await agentctl(['nodes'], url)).out).toContain('no nodes yet')
})

test('query prints a vector as a table with a column per label, and sends the expression unchanged', async () => {
  const { url, asked } = await answering(200, {
    status: 'success',
    data: {
      resultType: 'vector',
      result: [
        { metric: { __name__: 'up', ins: 'pg-main-1' }, value: [1, '1'] },
        { metric: { ins: 'pg-main-2', datname: 'app' }, value: [1, '0.123456789'] },
      ],
    },
    warnings: ['half of the data'],
    infos: ['metric might not be a counter'],
  })
  const { out, warnings } = await agentctl(['query', 'up{ins=~"pg.*"} + 1'], url)
  expect(out).toMatchInlineSnapshot(`
    "METRIC  DATNAME  INS            VALUE
    up               pg-main-1          1
            app      pg-main-2  0.1234568"
  `)
  expect(warnings).toEqual(['half of the data'])
  expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /api/v1/query'])
  expect(new URLSearchParams(asked[0]?.body).get('query')).toBe('up{ins=~"pg.*"} + 1')
})

test('query prints a scalar bare and a range of samples with their times', async () => {
  const scalar = await answering(200, {
    status: 'success',
    data: { resultType: 'scalar', result: [1, '2'] },
  })
  expect((await agentctl(['query', '1+1'], scalar.url)).out).toBe('2')
  const matrix = await answering(200, {
    status: 'success',
    data: {
      resultType: 'matrix',
      result: [{ metric: { __name__: 'up' }, values: [[1_700_000_000.5, '1']] }],
    },
  })
  expect((await agentctl(['query', 'up[1m]'], matrix.url)).out).toMatchInlineSnapshot(`
    "METRIC                     TIME  VALUE
    up      2023-11-14 22:13:20.500      1"
  `)
})

test('ping tells the round trip, the version and a clock that disagrees', async () => {
  const { url, asked } = await answering(200, {
    status: 'success',
    data: { node: 'pg-main-1', roundTripMs: 1.23, version: '0.1.0', clockSkewMs: -5000 },
  })
  expect((await agentctl(['ping', 'pg-main-1'], url)).out).toBe(
    'pg-main-1 answered in 1.2 ms (pgherd-agent 0.1.0, its clock is 5000 ms behind)',
  )
  expect(asked[0]?.path).toBe('/api/v1/nodes/pg-main-1/ping')
})

test.each([
  ['bad_data', 400, 2],
  ['execution', 422, 1],
  ['not_found', 404, 1],
  ['unavailable', 503, 4],
  ['timeout', 503, 5],
])(
  "the collector's error %s (%d) ends with exit status %d and its own words",
  async (errorType, status, exit) => {
    const { url } = await answering(status, { status: 'error', errorType, error: 'what was wrong' })
    const { error } = await agentctl(['ping', 'x'], url)
    expect(error).toMatchObject({ message: 'what was wrong', exit })
  },
)

test('a collector that cannot be reached is exit status 4 and names the way out', async () => {
  const { error } = await agentctl(['nodes'], 'http://127.0.0.1:1')
  expect(error?.exit).toBe(4)
  expect(error?.message).toContain('PGHERD_COLLECTOR_URL')
})

test('something else on that port is told apart from a collector', async () => {
  const { url } = await answering(200, '<html>hello</html>')
  expect((await agentctl(['nodes'], url)).error).toMatchObject({ code: 'BAD_DATA' })
})

test.each([
  [[]],
  [['no-such-command']],
  [['ping']],
  [['nodes', '--no-such-flag']],
  [['--timeout', 'soon', 'nodes']],
])('wrong usage %j is exit status 2', async (argv) => {
  expect((await agentctl(argv, 'http://127.0.0.1:1')).error?.exit).toBe(2)
})

test.each(['ftp://127.0.0.1', 'http://', 'http://127.0.0.1:1?x=1', 'http://127.0.0.1:1#x'])(
  'an unusable collector address %s is named with where it came from',
  async (url) => {
    const { error } = await agentctl(['nodes'], url)
    expect(error).toMatchObject({ exit: 2 })
    expect(error?.message).toContain(`$PGHERD_COLLECTOR_URL is "${url}"; allowed: `)
  },
)

test('a password in the collector address is not repeated in an error', async () => {
  const { url } = await answering(200, '<html>hello</html>')
  const { error } = await agentctl(['nodes'], url.replace('//', '//user:secret@'))
  expect(error?.message).toContain(url)
  expect(error?.message).not.toContain('secret')
})

test('names and values that others chose cannot speak to the terminal', async () => {
  const hostile = 'pg-1\u001b[2J\n\u009b31m'
  const nodes = await answering(200, { status: 'success', data: [{ ...node, node: hostile }] })
  const ping = await answering(200, {
    status: 'success',
    data: { node: hostile, roundTripMs: 1.23, version: '\u001b[1m', clockSkewMs: 0 },
  })
  const texts = [
    await agentctl(['nodes'], nodes.url),
    await agentctl(['nodes', '-o', 'json'], nodes.url),
    await agentctl(['ping', 'x'], ping.url),
    await agentctl(['ping', '-o', 'json', 'x'], ping.url),
  ]
  for (const { out } of texts) expect(out).not.toMatch(/[\u001b\u009b]/)
  expect(texts[0]?.out.split('\n')).toHaveLength(2)
})

test('--help shows examples and exit statuses', async () => {
  const { out, error } = await agentctl(['--help'])
  expect(error).toBeUndefined()
  expect(out).toContain("agentctl -o json query 'up == 0'")
  expect(out).toContain('Exit status: 0 done')
})
