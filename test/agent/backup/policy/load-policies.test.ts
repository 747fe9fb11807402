import { chmod, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadPolicies } from '../../../../agent/backup/policy/load-policies.ts'
import { facts, fileOf } from './policy-facts.ts'

async function fileWith(text: string) {
  const directory = await mkdtempDisposable(join(tmpdir(), 'pgherd-policies-'))
  const path = join(directory.path, 'backup.yaml')
  await writeFile(path, text, { mode: 0o644 })
  return { path, [Symbol.asyncDispose]: () => directory.remove() }
}

const encrypted =
  'repositories: [{kind: local, path: /b, retention: {full: 2}, cipher_pass_file: /nonexistent/pass}]'

test('the policies of the clusters that are on this host are read', async () => {
  await using file = await fileWith(`${fileOf()}\n  pg-other: {config: existing}\n`)
  const loaded = await loadPolicies(file.path, ['pg-main'], facts)
  expect([...(loaded?.policies?.keys() ?? [])]).toEqual(['pg-main'])
})

test('without a file there is no policy, and nothing wrong', async () => {
  expect(await loadPolicies('/nonexistent/backup.yaml', ['pg-main'], facts)).toBeUndefined()
})

test('a file that others may write is refused', async () => {
  await using file = await fileWith(fileOf())
  await chmod(file.path, 0o664)
  const loaded = await loadPolicies(file.path, ['pg-main'], facts)
  expect(loaded?.problems).toEqual([
    expect.stringContaining('had mode 664; allowed: one in which only its owner writes'),
  ])
})

test('a mistake is told with the name of the file', async () => {
  await using file = await fileWith(fileOf('window: x'))
  const loaded = await loadPolicies(file.path, ['pg-main'], facts)
  expect(loaded?.problems).toEqual([
    expect.stringMatching(/backup\.yaml:4: clusters\.pg-main\.window: was "x"/),
  ])
})

test('a secret that is missing is a mistake of the clusters that are on this host alone', async () => {
  await using file = await fileWith(fileOf(encrypted))
  const loaded = await loadPolicies(file.path, ['pg-main'], facts)
  expect(loaded?.problems).toEqual([
    expect.stringMatching(
      /backup\.yaml: clusters\.pg-main\.repositories\[0\]\.cipher_pass_file: \/nonexistent\/pass cannot/,
    ),
  ])
  expect(await loadPolicies(file.path, ['pg-other'], facts)).toEqual({ policies: new Map() })
})

const two = (first: string, second: string) =>
  `clusters:\n  pg-main: {${first}, repositories: [{kind: local, path: /b, retention: {full: 2}}]}\n  pg-other: {${second}, repositories: [{kind: local, path: /b/, retention: {full: 2}}]}\n`
const problemsOfTwo = async (first: string, second: string, clusters = ['pg-main', 'pg-other']) => {
  await using file = await fileWith(two(first, second))
  const loaded = await loadPolicies(file.path, clusters, facts)
  return (loaded?.problems ?? []).map((one) => one.replace(/^.*?: /, ''))
}

test('two clusters of one host do not write one configuration over each other', async () => {
  expect(await problemsOfTwo('window: 1h', 'window: 1h')).toEqual([
    'clusters.pg-other.config_file: was /etc/pgbackrest/pgbackrest.conf; allowed: a file of its own for each cluster of a host, since pg-main has it',
  ])
  expect(await problemsOfTwo('config_file: /a', 'config_file: /c')).toEqual([])
})

test('clusters of other hosts have the same places there', async () => {
  expect(await problemsOfTwo('window: 1h', 'window: 1h', ['pg-main'])).toEqual([])
})

test('two clusters share a repository only with stanzas of their own, and no directory of pg_basebackup', async () => {
  expect(await problemsOfTwo('config_file: /a, stanza: s', 'config_file: /c, stanza: s')).toEqual([
    'clusters.pg-other.repositories[0].path: was /b; allowed: another place or another stanza than s, since pg-main has it',
  ])
  expect(await problemsOfTwo('engine: pg_basebackup', 'engine: pg_basebackup')).toEqual([
    'clusters.pg-other.repositories[0].path: was /b; allowed: a directory of its own, since pg-main has it',
  ])
})

test('a file that is not UTF-8 is refused, since its paths would be others', async () => {
  await using file = await fileWith('')
  await writeFile(file.path, Buffer.from(fileOf('stanza: "\u00e9"'), 'latin1'))
  const loaded = await loadPolicies(file.path, ['pg-main'], facts)
  expect(loaded?.problems).toEqual([expect.stringContaining('has bytes that are not UTF-8')])
})
