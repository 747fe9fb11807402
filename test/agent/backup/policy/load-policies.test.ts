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
