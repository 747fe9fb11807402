import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { runRulesTool } from '../../../collector/rules-tool/rules-tool.ts'
import { createUploadedRules } from '../../../collector/rules-tool/uploaded-rules.ts'
import { systemClock } from '../../../common/clock.ts'
import { hasPromtool, promtool } from '../rules/promtool.ts'

const rules = `
groups:
  - name: first
    rules:
      - record: pg:up
        expr: sum by (cls) (pg_up)
      - alert: Down
        expr: pg:up == 0
        for: 1m
        labels: { severity: CRIT }
        annotations: { summary: '{{ $labels.cls }} of {{ $externalLabels.site }} has {{ $value }}' }
`
const tests = (alerts: string, samples = '[{ labels: \'pg:up{cls="a"}\', value: 0 }]') => `
rule_files: [rules.yaml]
evaluation_interval: 30s
tests:
  - name: it goes down
    interval: 1m
    external_labels: { site: north }
    input_series: [{ series: 'pg_up{cls="a", ins="a-1"}', values: '1x1 0x3 stale' }]
    alert_rule_test:
      - { eval_time: 2m30s, alertname: Down }
      - { eval_time: 3m10s, alertname: Down, exp_alerts: ${alerts} }
    promql_expr_test:
      - { expr: pg:up, eval_time: 4m, exp_samples: ${samples} }
`
const right = "[{ exp_labels: { cls: a, severity: CRIT }, exp_annotations: { summary: 'a of north has 0' } }]"

function directoryWith(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-rules-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  mkdirSync(directory, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  return directory
}

async function run(directory: string, ...argv: readonly string[]) {
  const lines: string[] = []
  const paths = argv.map((word) => (word.endsWith('.yaml') ? join(directory, word) : word))
  const status = await runRulesTool({ argv: paths, print: (line) => void lines.push(line) })
  return { status, out: lines.join('\n').replaceAll(`${directory}/`, '') }
}

describe('pgherd-collector rules', () => {
  test('check says what is in valid files', async () => {
    const { status, out } = await run(directoryWith({ 'rules.yaml': rules }), 'check', 'rules.yaml')
    expect({ status, out }).toEqual({ status: 0, out: '1 files with 1 groups and 2 rules are valid' })
  })

  test('check names each problem with its place', async () => {
    const text = rules.replace('for: 1m', 'for: soon').replace('pg:up == 0', 'pg:up ==')
    const { status, out } = await run(directoryWith({ 'rules.yaml': text }), 'check', 'rules.yaml')
    expect(status).toBe(1)
    expect(out).toMatch(/^rules\.yaml:8: groups\[0\]\.rules\[1\]\.expr: .*\nrules\.yaml:9: .*for: was "soon"/)
  })

  test('test says that all is well', async () => {
    const directory = directoryWith({ 'rules.yaml': rules, 'unit.yaml': tests(right) })
    expect(await run(directory, 'test', 'unit.yaml')).toEqual({
      status: 0,
      out: 'unit.yaml: 3 checks passed',
    })
  })

  test('test shows what was expected and what was found', async () => {
    const wrong = right.replace('of north', 'of south')
    const directory = directoryWith({ 'rules.yaml': rules, 'unit.yaml': tests(wrong, '[]') })
    expect(await run(directory, 'test', 'unit.yaml')).toEqual({
      status: 1,
      out: [
        'unit.yaml: 2 FAILED of 3 checks',
        '  it goes down: Down after 190s',
        '    expected:',
        '      {alertname="Down", cls="a", severity="CRIT"} summary="a of south has 0"',
        '    found:',
        '      {alertname="Down", cls="a", severity="CRIT"} summary="a of north has 0"',
        '  it goes down: pg:up after 240s',
        '    expected: nothing',
        '    found:',
        '      pg:up{cls="a"} 0',
      ].join('\n'),
    })
  })

  test.each([
    [
      'a key that there is not',
      tests(right).replace('rule_files', 'rules_files'),
      /Unrecognized key: "rules_files"/,
    ],
    [
      'a duration that is none',
      tests(right).replace('4m', 'soon'),
      /eval_time: was "soon"; allowed: a duration/,
    ],
    ['values that are none', tests(right).replace('1x1', '1y1'), /values: "1y1" is no value; allowed/],
    ['a series that is none', tests(right).replace('ins="a-1"', 'ins=~"a"'), /series: .* is no series/],
    [
      'a rule file that there is not',
      tests(right).replace('rules.yaml', 'other.yaml'),
      /there is no other\.yaml/,
    ],
  ])('test tells of %s, and that it is no success', async (_what, text, message) => {
    const { status, out } = await run(
      directoryWith({ 'rules.yaml': rules, 'unit.yaml': text }),
      'test',
      'unit.yaml',
    )
    expect(status).toBe(1)
    expect(out).toMatch(message)
    expect(out).not.toContain('passed')
  })

  test('a rule that cannot be evaluated is a failure, although no alert was expected', async () => {
    const double = rules.replace('sum by (cls) (pg_up)', 'label_replace(pg_up, "ins", "x", "", "")')
    const series = '{ series: \'pg_up{cls="a", ins="a-2"}\', values: \'1x9\' }'
    const text = tests('[]', '[]').replace('input_series: [', `input_series: [${series}, `)
    const { out } = await run(directoryWith({ 'rules.yaml': double, 'unit.yaml': text }), 'test', 'unit.yaml')
    expect(out).toMatch(/evaluation\n.*expected: nothing\n.*\n.*pg:up: /)
  })

  test.each([
    [[], 'say check or test'],
    [['test'], "missing required argument 'file'"],
    [['prove', 'x'], "unknown command 'prove'"],
  ])('%j is wrong usage', async (argv, message) => {
    await expect(run('/', ...argv)).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(message) as string,
    })
  })
})

describe.skipIf(!hasPromtool)('the real promtool', () => {
  test.each([
    ['right expectations', tests(right), 0],
    ['another annotation', tests(right.replace('of north', 'of south')), 1],
    ['an alert that nobody expects', tests('[]'), 1],
    ['another value', tests(right, '[{ labels: \'pg:up{cls="a"}\', value: 1 }]'), 1],
    ['a sample too many', tests(right, '[]'), 1],
    ['a time within an interval', tests(right).replace('3m10s', '2m59s'), 1],
  ])('judges %s in the same way', async (_what, text, expected) => {
    const directory = directoryWith({ 'rules.yaml': rules, 'unit.yaml': text })
    const own = await run(directory, 'test', 'unit.yaml')
    const theirs = promtool('test', 'rules', join(directory, 'unit.yaml'))
    expect({ own: own.status, promtool: theirs.status }).toEqual({ own: expected, promtool: expected })
  })
})

describe('rules that are sent to the collector', () => {
  const files = [
    { name: 'rules/rules.yaml', text: rules },
    { name: 'rules/unit.yaml', text: tests(right) },
  ]
  const signal = new AbortController().signal

  test('are tested with the files that come along, and nothing else of the machine', async () => {
    const uploaded = createUploadedRules(systemClock)
    const [report] = await uploaded.test(files, ['rules/unit.yaml'], signal)
    expect(report).toEqual({ file: 'rules/unit.yaml', checks: 3, failures: [], problems: [] })
    const [foreign] = await uploaded.test(
      [{ name: 'unit.yaml', text: tests(right).replace('rules.yaml', '/etc/hostname') }],
      ['unit.yaml'],
      signal,
    )
    expect(foreign?.problems).toEqual(['unit.yaml: rule_files: there is no /etc/hostname'])
    await expect(uploaded.test(files, ['other.yaml'], signal)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('are tested one upload at a time, and not for ever', async () => {
    let nowMs = 0
    const uploaded = createUploadedRules({ ...systemClock, monotonic: () => (nowMs += 20_000) })
    const first = uploaded.test(files, ['rules/unit.yaml'], signal)
    await expect(uploaded.test(files, ['rules/unit.yaml'], signal)).rejects.toMatchObject({
      code: 'OVERLOADED',
    })
    await expect(first).rejects.toMatchObject({ code: 'TIMED_OUT' })
    const gone = AbortSignal.abort()
    await expect(
      createUploadedRules(systemClock).test(files, ['rules/unit.yaml'], gone),
    ).rejects.toMatchObject({
      code: 'CANCELLED',
    })
  })

  test('are not tested with more samples than the memory of a collector is for', async () => {
    const series = Array.from({ length: 20 }, (_, i) => `{ series: 'up{i="${i}"}', values: '1 0+1x99999' }`)
    const text = `tests: [{ input_series: [${series.join(', ')}] }]`
    const [report] = await createUploadedRules(systemClock).test([{ name: 'u', text }], ['u'], signal)
    expect(report?.problems).toEqual(['u: tests: the series of a file have more than 1000000 values'])
  })

  test('are checked without being in force', () => {
    expect(createUploadedRules(systemClock).check(files.slice(0, 1))).toEqual({
      ...{ files: 1, groups: 1, rules: 2, problems: [] },
    })
  })
})
