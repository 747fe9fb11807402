import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { catalogueDirectory, loadProbes } from '../../../agent/probes/load.ts'
import { planProbes } from '../../../agent/probes/plan.ts'

function directoryWith(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-probes-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  return directory
}

const branch = (name: string, query: string): string =>
  `${name}: { query: ${query}, metrics: [{ n: { usage: GAUGE } }] }\n`

describe('a directory of probes', () => {
  test('is read in the order of its file names; a later branch replaces one of the same name', async () => {
    const probes = await loadProbes(
      directoryWith({
        '20-b.yaml': branch('pg_b', 'select 2 as n') + branch('pg_a', 'select 3 as n'),
        '10-a.yml': branch('pg_a', 'select 1 as n'),
        'notes.txt': 'not: [a, probe',
      }),
    )
    expect(probes.map(({ branch, query, priority }) => [branch, query, priority])).toEqual([
      ['pg_a', 'select 3 as n', 101],
      ['pg_b', 'select 2 as n', 101],
    ])
  })

  test('with mistakes is refused as a whole, with every mistake on a line', async () => {
    const directory = directoryWith({ 'a.yml': 'pg_a: { metrics: [] }\n', 'b.yml': 'pg_b: [\n' })
    await expect(loadProbes(directory)).rejects.toMatchObject({ code: 'PROBE_INVALID' })
    await expect(loadProbes(directory)).rejects.toThrow(/^a\.yml: pg_a\.query: .*\na\.yml: .*\nb\.yml: /)
  })

  test('that is empty or absent is refused', async () => {
    await expect(loadProbes(directoryWith({}))).rejects.toThrow('holds no probe')
    await expect(loadProbes('/no/such/directory')).rejects.toThrow(
      '/no/such/directory: cannot be read: ENOENT',
    )
  })
})

describe('the agent’s own catalogue', async () => {
  const probes = await loadProbes()

  test.each(
    [10, 11, 12, 13, 14, 15, 16, 17, 18].flatMap((major) =>
      [false, true].map((inRecovery) => ({ major, inRecovery })),
    ),
  )('plans what fits %o, the state of the server first', ({ major, inRecovery }) => {
    const planned = planProbes(probes, {
      kind: 'postgres',
      main: true,
      versionNumber: major * 10_000,
      inRecovery,
      database: 'postgres',
      user: 'pgherd',
      extensions: new Map(),
      schemas: new Set(),
    })
    const names = planned.map(({ name }) => name)
    const common = ['pg', 'pg_activity', 'pg_archiver', 'pg_bgwriter', 'pg_checkpointer', 'pg_db', 'pg_lock']
    expect(names).toEqual(expect.arrayContaining([...common, 'pg_meta', 'pg_repl', 'pg_setting', 'pg_size']))
    expect(names.includes('pg_recv')).toBe(inRecovery)
    expect(planned[0]?.name).toBe('pg')
  })
})

test('no branch of the agent’s own catalogue is hidden by another one of the same name', async () => {
  const files = readdirSync(catalogueDirectory).filter((name) => name.endsWith('.yml'))
  const branches = files.flatMap((name) =>
    [...readFileSync(join(catalogueDirectory, name), 'utf8').matchAll(/^([a-z_0-9]+):/gm)].map(
      ([, key]) => key,
    ),
  )
  expect(branches.length).toBeGreaterThan(100)
  expect((await loadProbes()).map(({ branch }) => branch).sort()).toEqual([...branches].sort())
})

test('a file is read as well as a directory, and what is added replaces what has the same name', async () => {
  const directory = directoryWith({
    'pg_exporter.yml': branch('pg_a', 'select 1 as n') + branch('pg_b', 'select 2 as n'),
    'more.yml': branch('pg_a', 'select 3 as n'),
  })
  const probes = await loadProbes(join(directory, 'pg_exporter.yml'), join(directory, 'more.yml'))
  expect(probes.map(({ branch, query }) => [branch, query])).toEqual([
    ['pg_a', 'select 3 as n'],
    ['pg_b', 'select 2 as n'],
  ])
})
