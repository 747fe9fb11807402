import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { agentProgram } from '../../agent/config.ts'
import { loadConfig } from '../../common/config/load-config.ts'

const manual = readFileSync('docs/12-health.md', 'utf8')

/** What `--check-config` finds wrong with a file. */
function problemsOf(yaml: string): readonly string[] {
  const { config, problems } = loadConfig(agentProgram.table, {
    file: { name: 'agent.yaml', text: `identity: { cluster: pg, seq: 1, ip: 10.0.0.1 }\n${yaml}` },
    environment: {},
    environmentPrefix: agentProgram.environmentPrefix,
    flags: new Map(),
  })
  return config === undefined ? problems : (agentProgram.check?.(config) ?? [])
}

test.each([
  [
    'servers that only their hosts tell apart',
    'servers: [{ url: postgres://a@h1/db }, { url: postgres://a@h2:5432/db }]',
    'servers[1]: would have the same labels as servers[0]; allowed: a cluster, seq, ip or port of its own',
  ],
  [
    'a pooler on the port of a server elsewhere',
    `servers: [{ url: 'postgres://a@h1:6432/db' }]\npoolers: [{ url: 'postgres://a@h2:6432/pgbouncer' }]`,
    'poolers[0]: would have the same labels as servers[0]; allowed: a cluster, seq, ip or port of its own',
  ],
  [
    'an endpoint that is there twice',
    'scrape: { endpoints: [{ url: http://h/m, job: a }, { url: http://h:80/other, job: a }] }',
    'scrape.endpoints[1]: would have the same labels as scrape.endpoints[0]; allowed: a job, port or label of its own',
  ],
  [
    'a deadline of health that does not end within the interval',
    'health: { interval: 500ms, deadline: 500ms }',
    'health.deadline: was not below health.interval; allowed: a duration below the interval',
  ],
  [
    'an expression that is none',
    `scrape: { endpoints: [{ url: http://h/m, job: a, drop: ['(['] }] }`,
    'agent.yaml:2: scrape.endpoints[0].drop: was ["(["]; allowed: a list (YAML list, or separated by commas); each a regular expression that the whole metric name must match',
  ],
])('%s is refused', (_, yaml, problem) => {
  expect(problemsOf(yaml)).toEqual([problem])
})

test.each([
  ['a seq', `servers: [{ url: 'postgres://a@h/db' }, { url: 'postgres://a@i/db', seq: 2 }]`],
  ['a port', `servers: [{ url: 'postgres://a@h/db' }, { url: 'postgres://a@h:5433/db' }]`],
  [
    'a label',
    `scrape: { endpoints: [{ url: http://h/m, job: a }, { url: http://h/n, job: a, labels: { b: c } }] }`,
  ],
  [
    'a port that the service file tells',
    `servers: [{ url: 'postgres://?service=x' }, { url: 'postgres://?service=y' }]`,
  ],
])('%s tells two apart', (_, yaml) => {
  expect(problemsOf(yaml)).toEqual([])
})

test('the example of docs/12-health.md is valid', () => {
  const [, example = ''] = /```yaml\n# agent-with-health.yaml\nidentity: .*\n([\s\S]*?)```/.exec(manual) ?? []
  expect(example).toContain('through_url')
  expect(problemsOf(example)).toEqual([])
})
