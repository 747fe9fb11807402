import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { inhibited } from '../../../../../collector/rules/notify/own/inhibition.ts'
import { loadRouting } from '../../../../../collector/rules/notify/own/load-routing.ts'
import { routeOf } from '../../../../../collector/rules/notify/own/route.ts'

function fileOf(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-inhibit-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'alertmanager.yml')
  writeFileSync(file, text)
  return file
}

const down = { alertname: 'Down', cls: 'a', severity: 'CRIT' }

test('the rules of a configuration of Alertmanager say what is told by others', async () => {
  const { inhibitRules: rules } = await loadRouting(
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
  const { inhibitRules: rules } = await loadRouting(
    fileOf(
      'inhibit_rules: [{ source_matchers: [alertname=Down], target_matchers: [alertname=Lag], equal: [ins] }]',
    ),
  )
  const isInhibited = inhibited(rules, [{ alertname: 'Down' }])
  expect(isInhibited({ alertname: 'Lag' })).toBe(true)
  expect(isInhibited({ alertname: 'Lag', ins: 'x' })).toBe(false)
})

test('two of a kind do not hide each other', async () => {
  const { inhibitRules: rules } = await loadRouting(
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
  const failure = await loadRouting(file).catch((error: unknown) => error)
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

test('a route that is in itself is told', async () => {
  await expect(loadRouting(fileOf('route: &all { routes: [*all] }'))).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('allowed: routes in routes, 10 of them at most') as string,
  })
})

test('a file that is not there is told', async () => {
  await expect(loadRouting('/nonexistent.yml')).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})

test('the first route that fits says in which groups and when; what it leaves open holds from the one around it', async () => {
  const { root } = await loadRouting(
    fileOf(`
route:
  receiver: a
  group_by: [cls]
  group_wait: 20s
  routes:
    - { matchers: [severity="INFO"], group_wait: 5m, repeat_interval: 1d, receiver: b, continue: true }
    - matchers: ['severity=~"CRIT|WARN"']
      routes: [{ matchers: [alertname="Down", cls!="x"], group_by: ['...'], group_interval: 10s }]
receivers: [{ name: a }, { name: b }]
`),
  )
  const shown = (labels: Readonly<Record<string, string>>) => {
    const { key, groupBy, groupWaitMs, groupIntervalMs, repeatIntervalMs } = routeOf(root, labels)
    return [key, groupBy.join(), groupWaitMs / 1000, groupIntervalMs / 1000, repeatIntervalMs / 3_600_000]
  }
  expect(shown({ severity: 'other' })).toEqual(['{}', 'cls', 20, 300, 4])
  expect(shown({ severity: 'INFO' })).toEqual(['{}/{severity="INFO"}', 'cls', 300, 300, 24])
  expect(shown({ severity: 'WARN', alertname: 'Down', cls: 'x' })).toEqual([
    ...['{}/{severity=~"CRIT|WARN"}', 'cls', 20, 300, 4],
  ])
  expect(shown({ severity: 'CRIT', alertname: 'Down' })).toEqual([
    ...['{}/{severity=~"CRIT|WARN"}/{alertname="Down",cls!="x"}', '...', 20, 10, 4],
  ])
})

test('what a route has and is not understood here is told', async () => {
  const file = fileOf(
    'route:\n  receiver: a\n  group_wait: soon\n  routes:\n    - { match: { a: b }, mute_time_intervals: [night] }\n',
  )
  const failure = await loadRouting(file).catch((error: unknown) => error)
  const lines = (failure as Error).message.replaceAll(file, 'f').split('\n')
  expect(lines.map((line) => line.replace(/; allowed.*/, ''))).toEqual([
    'f:3: route.group_wait: was "soon"',
    'f:5: route.routes[0].match: unknown key',
    'f:5: route.routes[0].mute_time_intervals: unknown key',
  ])
})

test('the routing that comes with pgherd is understood', async () => {
  const { root, inhibitRules } = await loadRouting('rules/alertmanager.yml')
  expect(root.routes.length).toBeGreaterThan(0)
  expect(inhibitRules.length).toBeGreaterThan(0)
})
