import { expect, test } from 'vitest'
import { problemsOfQuery } from './check-query.ts'
import { problemsOfShell } from './check-shell.ts'
import { checkOf } from './check-snippet.ts'
import { commandsOf, typedIn } from './shell.ts'
import { blocksOf, commandSpansOf } from './snippets.ts'

test.each([
  ['agentctl nodess', 'unknown command'],
  ['agentctl events --sinc 1h', 'unknown option'],
  ['agentctl ha switchover', 'missing required argument'],
  ['agentctl run vacum -n pg-main-1', 'there is no action vacum'],
  ['agentctl run vacuum -n pg-main-1 tabel=public.t', 'has no argument tabel'],
  ['agentctl show activities -n pg-main-1', 'there is no report activities'],
  ["agentctl query 'sum(pg_db_xact_commits)'", 'nobody emits pg_db_xact_commits'],
  ["agentctl query 'sum(up'", 'agentctl query'],
  ['pgherd-agent joyn https://collector:8432 token', 'has no command joyn'],
  ['pgherd-agent --self-tests', 'has no --self-tests'],
  ['pgherd-agent tune --offline --pg 9', 'pgherd-agent tune'],
  ['pgherd-collector store vrify', 'has no vrify'],
  ['npm run demos', 'no script demos'],
  ['npm run -s agentctl -- nodess', 'unknown command'],
  ['systemctl restart pgherd-agnet', 'there is no unit pgherd-agnet'],
  ['rsync -a a b', 'nobody knows the program rsync'],
])('%s is a mistake', async (line, problem) => {
  expect((await problemsOfShell(line, true)).join('\n')).toContain(problem)
})

test.each([
  ['yaml', '# agent.yaml\nidentity: { cluster: pg-main, seq: 1 }\nspool: { max_byte: 1GiB }'],
  ['yaml', '# collector.yaml\nstore: { retention: a month }'],
  ['yaml', '# policy.yaml\nrules: [{ kinds: [vacum] }]'],
  ['yaml', '# backup.yaml\nclusters: { pg-main: { schedules: { ful: "0 1 * * *" } } }'],
  ['yaml', '# watchdog.yaml\nrules: [{ name: a, case: bored }]'],
  ['ini', '# /etc/pgherd/operators\npgherd-ed25519 short anna'],
  ['json', '{ "a": 1, }'],
  ['text', 'agentctl nodes\nNODE'],
])('a mistake in %s is found: %s', async (language, text) => {
  const checked = checkOf({ at: 'here', file: 'here', language, text })
  expect((await checked?.check(text))?.length).toBeGreaterThan(0)
})

test.each([
  ['', 'agentctl nodes'],
  ['toml', 'a = 1'],
  ['yaml', 'rules: []'],
  ['yaml', '# unheard-of.yaml\nrules: []'],
  ['ini', '[Service]'],
])('nobody checks a block of "%s" that begins with %s', (language, text) => {
  expect(checkOf({ at: 'here', file: 'here', language, text })).toBeUndefined()
})

test('shell is read as a reader types it', () => {
  const text = `a 'b c' "d" # not this\nX=1 e \\\n  f && sudo -u postgres g | h > i; source <(j k)\nl <name> m|n`
  expect(commandsOf(text)).toEqual([
    ['a', 'b c', 'd'],
    ['e', 'f'],
    ['g'],
    ['h'],
    ['j', 'k'],
    ['source', '/dev/fd/63'],
    ['l', '<name>', 'm|n'],
  ])
  expect(typedIn('$ a \\\n  b\noutput\n$ c\n')).toBe('a \\\n  b\nc')
})

test('blocks and spans are found with their lines, within lists too, and a block without an end is told', () => {
  const document = 'text `agentctl nodes` and `other`\n\n- one\n  ```sh\n  a\n    b\n  ```\n'
  expect(blocksOf('x.md', document)).toEqual([{ at: 'x.md:4', file: 'x.md', language: 'sh', text: 'a\n  b' }])
  expect(commandSpansOf('x.md', document).map(({ at, text }) => [at, text])).toEqual([
    ['x.md:1', 'agentctl nodes'],
  ])
  expect(() => blocksOf('x.md', '```sh\na\n')).toThrow('x.md:1: the block has no end')
})

test('a figure that nobody emits is told, one of a neighbour is not judged', async () => {
  expect(await problemsOfQuery('pgherd_agent_serie')).toEqual(['nobody emits pgherd_agent_serie'])
  expect(await problemsOfQuery('rate(haproxy_whatever[5m])')).toEqual([])
})
