import { describe, expect, test } from 'vitest'
import { parseProbes } from '../../../agent/probes/parse.ts'
import type { ProbeDefinition } from '../../../agent/probes/definition.ts'

function parseOne(text: string): ProbeDefinition {
  const { probes, problems } = parseProbes(text, 'my.yml', 100)
  expect(problems).toEqual([])
  expect(probes).toHaveLength(1)
  return probes[0]!
}

function problemsOf(text: string): readonly string[] {
  return parseProbes(text, 'my.yml', 100).problems
}

const minimal = `
pg_x:
  query: select 1 as n
  metrics: [{ n: { usage: GAUGE } }]
`

describe('a branch', () => {
  test('needs a query and a value, and gets defaults for the rest', () => {
    expect(parseOne(minimal)).toEqual({
      branch: 'pg_x',
      file: 'my.yml',
      name: 'pg_x',
      description: '',
      query: 'select 1 as n',
      predicates: [],
      tags: [],
      ttlMs: 0,
      timeoutMs: 2000,
      priority: 100,
      budgetMs: undefined,
      minVersion: 0,
      maxVersion: 0,
      fatal: false,
      skip: false,
      columns: [
        {
          column: 'n',
          usage: 'GAUGE',
          name: 'n',
          description: '',
          default: undefined,
          numbersOnly: false,
          scale: 1,
          buckets: [],
        },
      ],
    })
  })

  test('says everything that the schema knows', () => {
    const probe = parseOne(`
pg_x_14:
  name: pg_x
  desc: about x
  query: |
    -- a comment
    with t as (select 1 as n) select * from t
  predicate_queries:
    - { name: first, predicate_query: select true, ttl: 60 }
    - predicate_query: show x
  tags: [cluster, "extension:x"]
  ttl: 10
  timeout: 0.25
  priority: 7
  min_version: 140000
  max_version: 150000
  fatal: true
  skip: true
  metrics:
    - who: { usage: label, rename: user, description: who }
    - n: { usage: Counter, scale: 1e-3, default: 0 }
    - age: { usage: HISTOGRAM, bucket: [1, 10.5] }
    - rest: { usage: DISCARD }
`)
    expect(probe).toMatchObject({
      branch: 'pg_x_14',
      name: 'pg_x',
      predicates: [
        { name: 'first', query: 'select true', ttlMs: 60_000 },
        { name: '2', query: 'show x', ttlMs: 0 },
      ],
      tags: ['cluster', 'extension:x'],
      ttlMs: 10_000,
      timeoutMs: 250,
      priority: 7,
      minVersion: 140_000,
      maxVersion: 150_000,
      fatal: true,
      skip: true,
    })
    expect(probe.columns).toMatchObject([
      { column: 'who', usage: 'LABEL', name: 'user' },
      { column: 'n', usage: 'COUNTER', scale: 0.001, default: 0 },
      { column: 'age', usage: 'HISTOGRAM', buckets: [1, 10.5] },
      { column: 'rest', usage: 'DISCARD' },
    ])
  })

  test.each(['090600', '90600', '"090600"'])('version %s means 9.6', (spelling) => {
    expect(parseOne(`${minimal}  min_version: ${spelling}\n`).minVersion).toBe(90_600)
  })

  test('a negative timeout lifts the limit, none and 0 mean the usual one', () => {
    expect(parseOne(`${minimal}  timeout: -1\n`).timeoutMs).toBeGreaterThan(60_000)
    expect(parseOne(`${minimal}  timeout: 0\n`).timeoutMs).toBe(2000)
  })

  test('keeps a description whose unquoted comma split it into keys', () => {
    const { columns } = parseOne(`
pg_x:
  query: select 1 as n
  metrics:
    - n: { usage: GAUGE, description: seen, or not, or both }
`)
    expect(columns[0]?.description).toBe('seen, or not, or both')
  })

  test('may take over another one with a merge key, and change a part of it', () => {
    const { probes, problems } = parseProbes(
      `${minimal.replace('pg_x:', 'pg_x: &x')}\npg_y: { <<: *x, ttl: 60 }\n`,
      'my.yml',
      1,
    )
    expect(problems).toEqual([])
    expect(probes[1]).toEqual({ ...probes[0], branch: 'pg_y', name: 'pg_y', ttlMs: 60_000 })
  })

  test('may share columns with another one through an anchor', () => {
    const { probes } = parseProbes(
      `
a:
  query: select 1 as n
  metrics: [ { n: &n { usage: GAUGE } } ]
b:
  query: select 2 as n
  metrics: [ { n: *n } ]
`,
      'my.yml',
      1,
    )
    expect(probes.map(({ columns }) => columns[0]?.usage)).toEqual(['GAUGE', 'GAUGE'])
  })
})

describe('a mistake is reported with file, branch, key, what was there and what is allowed', () => {
  const column = (options: string): string => `
pg_x:
  query: select 1 as n
  metrics:
    - n: ${options}
`
  test.each([
    [
      'pg_x:\n  metrics: [{ n: { usage: GAUGE } }]',
      'my.yml: pg_x.query: is missing; allowed: text that is not blank',
    ],
    [minimal.replace('select 1 as n', '" "'), 'my.yml: pg_x.query: was " "; allowed: text that is not blank'],
    [
      minimal.replace('select 1 as n', 'vacuum'),
      'my.yml: pg_x.query: was "vacuum"; allowed: SQL that reads: SELECT, WITH, VALUES, TABLE or SHOW',
    ],
    [`${minimal}  ttl: -1`, 'my.yml: pg_x.ttl: was -1; allowed: seconds, 0 or more'],
    [`${minimal}  ttl: soon`, 'my.yml: pg_x.ttl: was "soon"; allowed: seconds, 0 or more'],
    [`${minimal}  fatal: yes`, 'my.yml: pg_x.fatal: was "yes"; allowed: true or false'],
    [`${minimal}  tags: cluster`, 'my.yml: pg_x.tags: was "cluster"; allowed: a list of tags'],
    [
      `${minimal}  min_version: "9.6"`,
      'my.yml: pg_x.min_version: was "9.6"; allowed: a server_version_num such as 140000 or 090600',
    ],
    [
      `${minimal}  min_version: 150000\n  max_version: 140000`,
      'my.yml: pg_x.max_version: was 140000; allowed: above min_version, which is not included',
    ],
    [`${minimal}  metric: []`, "my.yml: pg_x: metric is no key; allowed: those of pg_exporter's schema"],
    [
      column('{ usage: GUAGE }'),
      'my.yml: pg_x.metrics.0.n.usage: was "GUAGE"; allowed: DISCARD, LABEL, GAUGE, COUNTER, HISTOGRAM, ROWS',
    ],
    [
      column('{ usage: GAUGE, skale: 2 }'),
      "my.yml: pg_x.metrics.0.n: skale is no key; allowed: those of pg_exporter's schema",
    ],
    [column('{ usage: GAUGE, scale: big }'), 'my.yml: pg_x.metrics.0.n.scale: was "big"; allowed: a number'],
    [
      column('{ usage: LABEL }'),
      'my.yml: pg_x.metrics: has no value; allowed: at least one GAUGE, COUNTER, HISTOGRAM or ROWS',
    ],
    [
      column('{ usage: GAUGE, rename: a-b }'),
      'my.yml: pg_x.metrics.n: was named "a-b"; allowed: letters, digits and underscores',
    ],
    [
      column('{ usage: HISTOGRAM, bucket: [2, 1] }'),
      'my.yml: pg_x.metrics.0.n.bucket: was [2,1]; allowed: strictly increasing upper bounds',
    ],
    [
      column('{ usage: HISTOGRAM }'),
      'my.yml: pg_x.metrics.0.n.bucket: is missing; allowed: upper bounds for a HISTOGRAM',
    ],
    [
      `${column('{ usage: GAUGE }')}    - n: { usage: LABEL }`,
      'my.yml: pg_x.metrics.n: stands there twice; allowed: each column once',
    ],
    [
      `${column('{ usage: GAUGE }')}    - m: { usage: GAUGE, rename: n }`,
      'my.yml: pg_x.metrics.m: gives metric n a second time; allowed: each name once',
    ],
    [
      `${column('{ usage: HISTOGRAM, bucket: [1] }')}    - m: { usage: GAUGE, rename: n_sum }`,
      'my.yml: pg_x.metrics.m: gives metric n_sum a second time; allowed: each name once',
    ],
    [
      `${column('{ usage: HISTOGRAM, bucket: [1] }')}    - le: { usage: LABEL }`,
      'my.yml: pg_x.metrics.le: was named le, which is reserved; allowed: another name',
    ],
    ['pg_x:', 'my.yml: pg_x: was null; allowed: a map with at least query and metrics'],
    ['pg_x: *gone', 'my.yml: Unresolved alias (the anchor must be set before the alias): gone'],
    ['[1, 2]', 'my.yml: was no map; allowed: branches with their definitions'],
  ])('%#', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem])
  })

  test('all of a file are reported at once', () => {
    expect(problemsOf('a: { query: select 1 }\nb: 3\n')).toHaveLength(2)
  })

  test('a branch that stands there twice is no valid file', () => {
    expect(problemsOf(`${minimal}${minimal}`)).toEqual([
      expect.stringContaining('my.yml: Map keys must be unique'),
    ])
  })
})

test('a file of comments only holds no branch and no mistake', () => {
  expect(parseProbes('# nothing yet\n', 'my.yml', 1)).toEqual({ probes: [], problems: [] })
})
