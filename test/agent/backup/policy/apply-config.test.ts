import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { applyConfig } from '../../../../agent/backup/policy/apply-config.ts'
import type { ConfigPlace } from '../../../../agent/backup/policy/apply-config.ts'
import { fileOf, policyOf } from './policy-facts.ts'

const place: ConfigPlace = {
  server: { dataDirectory: '/pg', port: 5432, socketDirectory: null, user: null, address: '10.0.0.1' },
  version: '2.45',
  owner: null,
  takesOver: false,
}

async function directory() {
  const own = await mkdtempDisposable(join(tmpdir(), 'pgherd-apply-'))
  return { file: join(own.path, 'pgbackrest.conf'), [Symbol.asyncDispose]: () => own.remove() }
}

test('a policy is written once, and again when it is another one', async () => {
  await using own = await directory()
  const policy = policyOf(fileOf(`config_file: ${own.file}`))
  expect(await applyConfig(policy, place)).toEqual({ wasWritten: true, leftOut: [] })
  expect(await applyConfig(policy, place)).toEqual({ wasWritten: false, leftOut: [] })
  expect((await applyConfig({ ...policy, processMax: 4 }, place)).wasWritten).toBe(true)
  expect(await readFile(own.file, 'utf8')).toContain('process-max=4\n')
})

test.each([{ lines: ['config: existing'] }, { lines: ['engine: pg_basebackup'] }])(
  'nothing is written with $lines',
  async ({ lines }) => {
    await using own = await directory()
    const policy = { ...policyOf(fileOf(...lines)), configFile: own.file }
    expect((await applyConfig(policy, place)).wasWritten).toBe(false)
    await expect(readFile(own.file)).rejects.toMatchObject({ code: 'ENOENT' })
  },
)

test('a host that is not among the members would take itself for another one, and gets nothing', async () => {
  const policy = policyOf(
    fileOf(
      'repositories: [{kind: local, path: /nfs, shared: true, retention: {full: 2}}]',
      'where: standby',
      'members: [{address: 10.0.0.8}, {address: 10.0.0.9}]',
      'primary_access: {kind: tls, cert_file: /c, key_file: /k, ca_file: /a, allowed_names: [pg]}',
    ),
  )
  await expect(applyConfig(policy, place)).rejects.toMatchObject({
    problem: 'configuration',
    message: 'this host, 10.0.0.1, is not among the members 10.0.0.8, 10.0.0.9',
  })
})

test('a pgBackRest without a TLS server is too old', async () => {
  await expect(applyConfig(policyOf(fileOf()), { ...place, version: '2.36' })).rejects.toMatchObject({
    problem: 'configuration',
    message: 'pgBackRest 2.36 is too old: 2.37 and later are written for',
  })
})

test('secrets that cannot be read stop it, and are named by their files', async () => {
  const policy = policyOf(
    fileOf('repositories: [{kind: local, path: /b, retention: {full: 2}, cipher_pass_file: /nonexistent/p}]'),
  )
  await expect(applyConfig(policy, place)).rejects.toMatchObject({
    problem: 'configuration',
    message: expect.stringContaining('cipher_pass_file: /nonexistent/p cannot be read') as string,
  })
})
