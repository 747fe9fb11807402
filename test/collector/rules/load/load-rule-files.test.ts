import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadRuleFiles } from '../../../../collector/rules/load/load-rule-files.ts'
import { PgherdError } from '../../../../common/errors.ts'

const options = {
  defaultIntervalMs: 10_000,
  checkExpression: (text: string) => {
    if (text.endsWith('(')) throw new PgherdError('QUERY_INVALID', '1:4: parse error: unexpected end')
  },
}

function ruleFiles(files: Record<string, string>): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-rules-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  return directory
}

async function problemsOf(text: string): Promise<readonly string[]> {
  const directory = ruleFiles({ 'a.yaml': text })
  try {
    await loadRuleFiles([join(directory, 'a.yaml')], options)
  } catch (error) {
    expect(error).toMatchObject({ code: 'RULE_INVALID' })
    return (error as Error).message.split('\n').map((line) => line.replace(`${directory}/`, ''))
  }
  return []
}

test('a file with everything in it is read as it is meant', async () => {
  const directory = ruleFiles({
    'a.yaml': `
groups:
  - name: one
    interval: 30s
    query_offset: 5s
    limit: 10
    labels: { team: dba, level: '1' }
    rules:
      - record: pg:up:count
        expr: count(up)
        labels: { level: '2' }
      - alert: Down
        expr: |
          up == 0
        for: 1m30s
        keep_firing_for: 5m
        labels: { severity: '{{ $value }}' }
        annotations: { summary: '{{ $labels.ins }} is down' }
`,
  })
  const file = join(directory, 'a.yaml')
  expect(await loadRuleFiles([file], options)).toEqual([
    {
      name: 'one',
      file,
      intervalMs: 30_000,
      queryOffsetMs: 5000,
      limit: 10,
      rules: [
        {
          kind: 'recording',
          name: 'pg:up:count',
          expression: 'count(up)',
          labels: { team: 'dba', level: '2' },
        },
        {
          kind: 'alerting',
          name: 'Down',
          expression: 'up == 0',
          forMs: 90_000,
          keepFiringForMs: 300_000,
          labels: { team: 'dba', level: '1', severity: '{{ $value }}' },
          annotations: { summary: '{{ $labels.ins }} is down' },
        },
      ],
    },
  ])
})

test('what is left out has the defaults of the format', async () => {
  const directory = ruleFiles({ 'a.yaml': 'groups: [{ name: g, rules: [{ alert: A, expr: 1 }] }]' })
  const [group] = await loadRuleFiles([join(directory, 'a.yaml')], options)
  expect(group).toMatchObject({ intervalMs: 10_000, queryOffsetMs: 0, limit: 0 })
  expect(group?.rules[0]).toMatchObject({ expression: '1', forMs: 0, keepFiringForMs: 0, labels: {} })
})

test('a pattern finds files in order, each once, and leaves the unit tests alone', async () => {
  const group = (name: string): string => `groups: [{ name: ${name}, rules: [] }]`
  const directory = ruleFiles({
    'b.yaml': group('b'),
    'a.yaml': group('a'),
    'a.test.yaml': 'rule_files: [a.yaml]',
    'c.txt': 'no rules',
  })
  const groups = await loadRuleFiles([join(directory, '*.yaml'), join(directory, 'a.yaml')], options)
  expect(groups.map(({ name }) => name)).toEqual(['a', 'b'])
})

test('a pattern that matches nothing is fine, a path that does not exist is not', async () => {
  const directory = ruleFiles({})
  expect(await loadRuleFiles([join(directory, '*.yaml')], options)).toEqual([])
  await expect(loadRuleFiles([join(directory, 'gone.yaml')], options)).rejects.toThrow(
    /gone\.yaml: cannot be read: ENOENT/,
  )
})

test('an empty file has no groups', async () => {
  expect(await problemsOf('')).toEqual([])
  expect(await problemsOf('groups:\n')).toEqual([])
})

test('every problem of a file is one line that says where and what', async () => {
  const text = `groups:
  - name: g
    interval: 5 minutes
    colour: red
    rules:
      - alert: A
        expr: sum(
        for: soon
        record_too: yes
      - record: not a name
        expr: up
        annotations: { a: b }
      - alert: B
        record: b
        expr: up
      - alert: C
        labels: { 'not-a-name': x, ok: '{{ nosuch }}' }
  - name: g
    limit: -1
    rules: none
`
  expect(await problemsOf(text)).toEqual([
    'a.yaml:4: groups[0].colour: unknown key; allowed: name, interval, query_offset, limit, labels, rules',
    'a.yaml:3: groups[0].interval: was "5 minutes"; allowed: a duration such as 30s, 5m or 1h30m',
    'a.yaml:9: groups[0].rules[0].record_too: unknown key; allowed: alert, expr, for, keep_firing_for, labels, annotations',
    'a.yaml:7: groups[0].rules[0].expr: 1:4: parse error: unexpected end',
    'a.yaml:8: groups[0].rules[0].for: was "soon"; allowed: a duration such as 30s, 5m or 1h30m',
    'a.yaml:12: groups[0].rules[1].annotations: unknown key; allowed: record, expr, labels',
    'a.yaml:10: groups[0].rules[1].record: "not a name" is no valid metric name',
    'a.yaml:13: groups[0].rules[2]: a rule needs either "alert" or "record"',
    'a.yaml:16: groups[0].rules[3]: a rule needs an expression',
    'a.yaml:17: groups[0].rules[3].labels.not-a-name: "not-a-name" is no valid name here',
    'a.yaml:17: groups[0].rules[3].labels.ok: template line 1: function "nosuch" not defined',
    'a.yaml:20: groups[1].rules: allowed: a list',
    'a.yaml:19: groups[1].limit: was "-1"; allowed: 0 (no limit) or a positive integer',
    'a.yaml:18: groups[1]: group name "g" is repeated in the same file',
  ])
})

test('what is no YAML, or has a key twice, is told with line and column', async () => {
  expect((await problemsOf('groups: ['))[0]).toMatch(/^a\.yaml:1:\d+: /)
  expect((await problemsOf('groups: []\ngroups: []'))[0]).toMatch(/^a\.yaml:2:1: Map keys must be unique/)
})

test('a few lines of aliases cannot stand for more rules than the memory holds', async () => {
  const rules = Array.from({ length: 1000 }, () => '{ record: a, expr: b }').join(', ')
  const groups = Array.from({ length: 999 }, (_, i) => `{ name: g${i}, rules: *all }`).join(', ')
  const problems = await problemsOf(`groups: [{ name: g, rules: &all [${rules}] }, ${groups}]`)
  expect(problems[0]).toBe('a.yaml: it has more than 500000 values, what aliases stand for included')
})

test('the problems of all files are told at once', async () => {
  const directory = ruleFiles({ 'a.yaml': 'x: 1', 'b.yaml': 'y: 1' })
  await expect(loadRuleFiles([join(directory, '*.yaml')], options)).rejects.toThrow(
    /a\.yaml:1: x: unknown key; allowed: groups\n.*b\.yaml:1: y: unknown key/,
  )
})
