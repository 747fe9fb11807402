import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createOwnDirectory } from '../../testbed/own-directory.ts'
import { startCollector } from '../../testbed/pgherd.ts'
import { waitFor } from '../../testbed/wait.ts'

const always = { alert: 'Always', expr: 'vector(1)', for: '1h', labels: { severity: 'INFO' } }
const answer = { record: 'test:answer', expr: 'vector(42)' }

const ruleGroups = z.object({
  data: z.object({
    groups: z.array(
      z.object({
        name: z.string(),
        rules: z.array(
          z.object({ name: z.string(), alerts: z.array(z.object({ activeAt: z.string() })).optional() }),
        ),
      }),
    ),
  }),
})
const vector = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
})

test('SIGHUP and POST /-/reload put rule files in force without a restart, unless one has a mistake', async () => {
  using own = createOwnDirectory({ prefix: 'pgherd-rule-reload-' })
  const file = join(own.path, 'own.yaml')
  const writeRules = (rules: readonly object[]): void =>
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'own', interval: '1s', rules }] }, undefined, 1))
  writeRules([always, answer])
  await using collector = await startCollector({
    directory: own.path,
    extraConfig: { 'rules.files': [join(own.path, 'own*.yaml')] },
  })
  const { pid, url } = collector
  const get = async (path: string): Promise<unknown> => (await fetch(`${url}${path}`)).json()
  const rules = async () =>
    ruleGroups.parse(await get('/api/v1/rules')).data.groups.flatMap((group) => group.rules)
  const valueOf = async (query: string): Promise<string | undefined> =>
    vector.parse(await get(`/api/v1/query?query=${query}`)).data.result[0]?.value[1]
  const activeAt = async (): Promise<string | undefined> =>
    (await rules()).find(({ name }) => name === 'Always')?.alerts?.[0]?.activeAt

  const since = await waitFor('the alert is pending', activeAt)
  await waitFor('the rule records', async () => (await valueOf('test:answer')) === '42')

  writeRules([{ record: 'test:other', expr: 'vector(7)' }, always])
  process.kill(pid, 'SIGHUP')
  await waitFor('the new rule records', async () => (await valueOf('test:other')) === '7')
  expect(await activeAt()).toBe(since)
  await waitFor(
    'the series of the former rule has ended',
    async () => (await valueOf('test:answer')) === undefined,
  )

  writeFileSync(
    join(own.path, 'own-too.yaml'),
    'groups:\n  - name: more\n    rules:\n      - record: x\n        expr: up +\n',
  )
  const reload = () => fetch(`${url}/-/reload`, { method: 'POST' })
  const refused = await reload()
  expect(refused.status).toBe(500)
  expect(await refused.text()).toMatch(
    /^failed to reload config: .*own-too\.yaml:5: .*unexpected end of input/,
  )
  expect(readFileSync(collector.logFile, 'utf8')).toContain('those read before stay in force')
  expect((await rules()).map(({ name }) => name)).toEqual(['test:other', 'Always'])

  writeFileSync(join(own.path, 'own-too.yaml'), '')
  expect((await reload()).status).toBe(200)
  expect(await activeAt()).toBe(since)
  expect(collector.pid).toBe(pid)
})
