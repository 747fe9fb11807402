import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { inhibited } from '../../../../../collector/rules/notify/own/inhibition.ts'
import { loadInhibitRules } from '../../../../../collector/rules/notify/own/load-inhibit-rules.ts'

function fileOf(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-inhibit-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'alertmanager.yml')
  writeFileSync(file, text)
  return file
}

const down = { alertname: 'Down', cls: 'a', severity: 'CRIT' }

test('the rules of a configuration of Alertmanager say what is told by others', async () => {
  const rules = await loadInhibitRules(
    fileOf(`
route: { receiver: x }
receivers: [{ name: x, webhook_configs: [{ url: http://x }] }]
inhibit_rules:
  - source_matchers: [alertname = "Down", severity=~"CRIT|WARN"]
    target_matchers: ['alertname!="Down"']
    equal: [cls]
`),
  )
  const isInhibited = inhibited(rules, [down, { alertname: 'Lag', cls: 'b' }])
  expect(isInhibited({ alertname: 'Lag', cls: 'a' })).toBe(true)
  expect(isInhibited({ alertname: 'Lag', cls: 'b' })).toBe(false)
  expect(isInhibited(down)).toBe(false)
})

test('a label that both lack is equal, as for Alertmanager', async () => {
  const rules = await loadInhibitRules(
    fileOf(
      'inhibit_rules: [{ source_matchers: [alertname=Down], target_matchers: [alertname=Lag], equal: [ins] }]',
    ),
  )
  const isInhibited = inhibited(rules, [{ alertname: 'Down' }])
  expect(isInhibited({ alertname: 'Lag' })).toBe(true)
  expect(isInhibited({ alertname: 'Lag', ins: 'x' })).toBe(false)
})

test('two of a kind do not hide each other', async () => {
  const rules = await loadInhibitRules(
    fileOf(
      'inhibit_rules: [{ source_matchers: [severity=CRIT], target_matchers: [alertname=~".+"], equal: [cls] }]',
    ),
  )
  const other = { ...down, alertname: 'Other' }
  const isInhibited = inhibited(rules, [down, other])
  expect([down, other, { alertname: 'Lag', cls: 'a' }].map(isInhibited)).toEqual([false, false, true])
})

test('every mistake is told with its place', async () => {
  const file = fileOf(
    'inhibit_rules:\n  - source_matchers: [nonsense]\n    target_match: { a: b }\n  - source_matchers: [a=~"("]\n    target_matchers: [b=c]\n',
  )
  const failure = await loadInhibitRules(file).catch((error: unknown) => error)
  expect(failure).toMatchObject({ code: 'CONFIG_INVALID' })
  expect((failure as Error).message.replaceAll(file, 'f').split('\n')).toEqual([
    expect.stringMatching(
      /^f:3: inhibit_rules\[0\]\.target_match: unknown key; allowed: name, source_matchers/,
    ),
    expect.stringMatching(/^f:2: inhibit_rules\[0\]\.source_matchers\[0\]: "nonsense" is no matcher/),
    'f:2: inhibit_rules[0]: allowed: at least one matcher under target_matchers',
    expect.stringMatching(/^f:4: inhibit_rules\[1\]\.source_matchers\[0\]: "\(" is no regular expression/),
  ])
})

test('a file that is not there is told', async () => {
  await expect(loadInhibitRules('/nonexistent.yml')).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})
