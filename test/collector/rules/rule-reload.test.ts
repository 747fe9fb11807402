import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { expect, onTestFinished, test } from 'vitest'
import { parseExpression } from '../../../collector/promql/parse-expression.ts'
import { loadRuleFiles } from '../../../collector/rules/load/load-rule-files.ts'
import { createRuleReload } from '../../../collector/rules/rule-reload.ts'
import type { RuleGroup } from '../../../collector/rules/rule-types.ts'
import { silentLog } from '../../../common/log.ts'
import type { Log } from '../../../common/log.ts'
import { createManualClock } from '../../manual-clock.ts'

const rules = (name: string, expression: string): string =>
  `groups:\n  - name: ${name}\n    rules:\n      - {record: 'pg:${name}', expr: '${expression}'}\n`

function startReload() {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-reload-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const write = (file: string, text: string): void => writeFileSync(join(directory, file), text)
  const clock = createManualClock(5_000)
  const registry = new Registry()
  const replaced: (readonly RuleGroup[])[] = []
  const logged: unknown[] = []
  const keep = (first: unknown): void => void logged.push(first)
  const log: Log = { debug: keep, info: keep, warn: keep, error: keep, child: () => log }
  const reload = createRuleReload({
    load: () =>
      loadRuleFiles([join(directory, '*.yaml')], {
        defaultIntervalMs: 10_000,
        checkExpression: (text) => void parseExpression(text),
      }),
    replace: (groups) => {
      replaced.push(groups)
      return Promise.resolve()
    },
    clock,
    log,
    registry,
  })
  const figures = async (): Promise<readonly string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith('pgherd'))
  return { clock, directory, figures, logged, reload, replaced, write }
}

test('files are looked for anew, so that one that was added is in force', async () => {
  const { reload, replaced, write } = startReload()
  write('a.yaml', rules('a', 'up'))
  expect(await reload.reload()).toBeUndefined()
  write('b.yaml', rules('b', 'up'))
  expect(await reload.reload()).toBeUndefined()
  expect(replaced.map((groups) => groups.map(({ name }) => name))).toEqual([['a'], ['a', 'b']])
})

test('one bad file keeps all from being replaced; every problem is named with its place, and logged', async () => {
  const { directory, logged, reload, replaced, write } = startReload()
  write('a.yaml', rules('a', 'up'))
  write('b.yaml', rules('b', 'up +'))
  write('c.yaml', 'groups: 7\n')
  const problem = await reload.reload()
  expect(replaced).toEqual([])
  const lines = problem?.message.replaceAll(`${directory}/`, '').split('\n')
  expect(lines).toEqual([
    expect.stringMatching(/^b\.yaml:4: .*unexpected end of input/),
    expect.stringMatching(/^c\.yaml:1: groups/),
  ])
  expect(logged).toEqual([{ problems: problem?.message.split('\n') }])
})

test('the figures tell whether the last reload succeeded, and when one did', async () => {
  const { clock, figures, reload, write } = startReload()
  const name = 'pgherd_collector_config_last_reload'
  expect(await figures()).toEqual([`${name}_successful 1`, `${name}_success_timestamp_seconds 5`])
  write('a.yaml', 'groups: 7\n')
  await clock.advance(1_000)
  await reload.reload()
  expect(await figures()).toEqual([`${name}_successful 0`, `${name}_success_timestamp_seconds 5`])
  expect(reload.last()).toEqual({ succeeded: false, succeededMs: 5_000 })
  write('a.yaml', rules('a', 'up'))
  await reload.reload()
  expect(await figures()).toEqual([`${name}_successful 1`, `${name}_success_timestamp_seconds 6`])
})

test('two reloads at once are done one after the other', async () => {
  let running = 0
  let most = 0
  const { reload } = createRuleReload({
    load: async () => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      return []
    },
    replace: async () => {
      await new Promise((resolve) => setImmediate(resolve))
      running--
    },
    clock: createManualClock(),
    log: silentLog,
    registry: new Registry(),
  })
  await Promise.all([reload(), reload(), reload()])
  expect(most).toBe(1)
})
