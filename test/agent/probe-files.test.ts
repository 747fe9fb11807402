import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { agentProgram } from '../../agent/config.ts'
import { openProbeFiles } from '../../agent/probe-files.ts'
import type { ProbeFiles } from '../../agent/probe-files.ts'
import { loadConfig } from '../../common/config/load-config.ts'
import type { Log } from '../../common/log.ts'

const probe = (name: string, query: string): string =>
  `${name}: { query: ${query}, metrics: [{ n: { usage: GAUGE } }] }\n`

async function open(text: string): Promise<{
  readonly files: ProbeFiles
  readonly write: (text: string) => void
  readonly lines: readonly string[]
}> {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-probes-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'own.yml')
  const write = (changed: string): void => writeFileSync(file, changed)
  write(text)
  const { config } = loadConfig(agentProgram.table, {
    environment: {},
    environmentPrefix: 'NONE',
    flags: new Map([
      ['identity.cluster', 'pg'],
      ['identity.seq', '1'],
      ['postgres.probes', file],
    ]),
  })
  const lines: string[] = []
  const tell = (first: unknown, second?: unknown): void => void lines.push(String(second ?? first))
  const log: Log = { debug: tell, info: tell, warn: tell, error: tell, child: () => log }
  return { files: await openProbeFiles(config!, log), write, lines }
}

test('files without a change give the very same probes, so that results and budgets go on', async () => {
  const { files } = await open(probe('pg_a', 'select 1 as n'))
  const before = files.current()
  expect(await files.reload()).toBe(true)
  expect(files.current()).toBe(before)
})

test('a probe that did not change is the same one beside those that did', async () => {
  const { files, write } = await open(probe('pg_a', 'select 1 as n') + probe('pg_b', 'select 2 as n'))
  const [a, b] = files.current()
  write(probe('pg_a', 'select 1 as n') + probe('pg_b', 'select 3 as n'))
  await files.reload()
  expect(files.current()[0]).toBe(a)
  expect(files.current()[1]).not.toBe(b)
  expect(files.current()[1]?.query).toBe('select 3 as n')
})

test('with a mistake what was read before stays in force', async () => {
  const { files, write, lines } = await open(probe('pg_a', 'select 1 as n'))
  const before = files.current()
  write('pg_a: [')
  expect(await files.reload()).toBe(false)
  expect(files.current()).toBe(before)
  expect(lines[0]).toContain('those read before stay in force')
})

test('a hundred reloads at once are two readings, of which the second sees the latest files', async () => {
  const { files, write, lines } = await open(probe('pg_a', 'select 1 as n'))
  const first = files.reload()
  write(probe('pg_a', 'select 2 as n'))
  const others = Array.from({ length: 99 }, () => files.reload())
  expect(await Promise.all([first, ...others])).toEqual(Array.from({ length: 100 }, () => true))
  expect(lines).toHaveLength(2)
  expect(files.current()[0]?.query).toBe('select 2 as n')
  await files.reload()
  expect(lines).toHaveLength(3)
})
