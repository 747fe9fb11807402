import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createUploadedRules } from '../../../collector/rules-tool/uploaded-rules.ts'
import { systemClock } from '../../../common/clock.ts'
import { startServer } from '../../collector/http/test-server.ts'
import { bearer, startTrustingServer } from '../../collector/http/auth/trusting.ts'
import { runAgentctl } from '../run-agentctl.ts'

const rules = 'groups: [{ name: g, rules: [{ alert: Down, expr: pg_up == 0, labels: { severity: CRIT } }] }]'
const tests = (severity: string) => `
rule_files: [own/*.yaml]
tests:
  - input_series: [{ series: 'pg_up{ins="a"}', values: '0' }]
    alert_rule_test:
      - { eval_time: 0s, alertname: Down, exp_alerts: [{ exp_labels: { ins: a, severity: ${severity} } }] }
`

async function world(severity = 'CRIT', text = rules) {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-rules-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  mkdirSync(join(directory, 'own'))
  writeFileSync(join(directory, 'own', 'down.yaml'), text)
  writeFileSync(join(directory, 'unit.yaml'), tests(severity))
  const server = await startServer({ ruleFiles: createUploadedRules(systemClock) })
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  const run = async (...argv: readonly string[]) => {
    const { out, error } = await runAgentctl(argv, { url })
    return { out: out.replaceAll(`${directory}/`, ''), exit: error?.exit ?? 0, message: error?.message }
  }
  return { directory, run }
}

test('unit tests are run by the collector, with the rule files that they name', async () => {
  const { directory, run } = await world()
  expect(await run('rules', 'test', join(directory, '*.yaml'))).toMatchObject({
    out: 'unit.yaml: 1 checks passed',
    exit: 0,
  })
})

test('one that does not pass shows why, and the exit status says so', async () => {
  const { directory, run } = await world('WARN')
  const { out, exit, message } = await run('rules', 'test', join(directory, 'unit.yaml'))
  expect(out).toContain('expected:\n      {alertname="Down", ins="a", severity="WARN"}')
  expect(out).toContain('found:\n      {alertname="Down", ins="a", severity="CRIT"}')
  expect({ exit, message }).toEqual({ exit: 1, message: '1 of 1 files did not pass' })
})

test('rule files are checked, and each problem is told with its place', async () => {
  const good = await world()
  expect(await good.run('rules', 'check', join(good.directory, 'own', 'down.yaml'))).toMatchObject({
    out: '1 files with 1 groups and 1 rules are valid',
    exit: 0,
  })
  const bad = await world('CRIT', rules.replace('== 0', '=='))
  const { out, exit } = await bad.run('rules', 'check', join(bad.directory, 'own', 'down.yaml'))
  expect(out).toMatch(/^own\/down\.yaml:1: groups\[0\]\.rules\[0\]\.expr: /)
  expect(exit).toBe(1)
})

test('a file that is not there is told before anything is sent', async () => {
  const { run } = await world()
  expect(await run('rules', 'test', '/nonexistent/*.yaml')).toMatchObject({
    exit: 1,
    message: 'there is no /nonexistent/*.yaml',
  })
})

test('it takes an operator to have the collector compute', async () => {
  const { server, tokenOf } = await startTrustingServer({ ruleFiles: createUploadedRules(systemClock) })
  const payload = { files: [{ name: 'a.yaml', text: rules }] }
  const statusOf = async (role: 'viewer' | 'operator') => {
    const headers = bearer(await tokenOf(role))
    return (await server.inject({ method: 'POST', url: '/api/v1/rules/check', payload, headers })).statusCode
  }
  expect([await statusOf('viewer'), await statusOf('operator')]).toEqual([403, 200])
})
