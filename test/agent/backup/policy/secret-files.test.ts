import { chmod, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSecrets } from '../../../../agent/backup/policy/secret-files.ts'
import { fileOf, policyOf } from './policy-facts.ts'

async function directoryWith(content: string | Buffer, mode = 0o600) {
  const directory = await mkdtempDisposable(join(tmpdir(), 'pgherd-secrets-'))
  const file = join(directory.path, 'pass')
  await writeFile(file, content)
  await chmod(file, mode)
  const policy = policyOf(
    fileOf(`repositories: [{kind: local, path: /b, retention: {full: 2}, cipher_pass_file: ${file}}]`),
  )
  return { file, policy, [Symbol.asyncDispose]: () => directory.remove() }
}

test('a secret is the only line of its file, without its end', async () => {
  await using given = await directoryWith('a pass with = and #\n')
  const { secrets } = await readSecrets(given.policy)
  expect(secrets).toEqual([{ cipherPass: 'a pass with = and #', key: null, keySecret: null }])
})

test.each([
  {
    what: 'others may read',
    content: 'x',
    mode: 0o640,
    told: 'may be read by others than its owner; allowed: mode 0600',
  },
  { what: 'is empty', content: '\n', mode: 0o600, told: 'is empty' },
  { what: 'has two lines', content: 'x\ny\n', mode: 0o600, told: 'has more than one line' },
  { what: 'ends with a blank', content: 'hunter2 \n', mode: 0o600, told: 'begins or ends with a blank' },
  {
    what: 'is not UTF-8',
    content: Buffer.from('hunter2\u00e9', 'latin1'),
    mode: 0o600,
    told: 'has bytes that are not UTF-8',
  },
  { what: 'is long', content: 'x'.repeat(5_000), mode: 0o600, told: 'is too long; allowed: 4096 bytes' },
])('a file that $what is refused by its name, without its content', async ({ content, mode, told }) => {
  await using given = await directoryWith(content, mode)
  const { problems } = await readSecrets(given.policy)
  expect(problems).toEqual([
    expect.stringContaining(`clusters.pg-main.repositories[0].cipher_pass_file: ${given.file} ${told}`),
  ])
  expect(problems?.[0]).not.toContain('hunter2')
})

test('all files that cannot be used are told', async () => {
  const s3 =
    'kind: s3, path: /x, bucket: b, endpoint: e, key_file: /nonexistent/k, key_secret_file: /nonexistent/s'
  const { problems } = await readSecrets(policyOf(fileOf(`repositories: [{${s3}, retention: {full: 2}}]`)))
  expect(problems).toEqual([
    expect.stringContaining('key_file: /nonexistent/k cannot be read'),
    expect.stringContaining('key_secret_file: /nonexistent/s cannot be read'),
  ])
})

test("the key of the members' TLS is refused when others may read it", async () => {
  await using given = await directoryWith('key', 0o644)
  const { policy } = given
  const primaryAccess = {
    kind: 'tls',
    certFile: '/c',
    keyFile: given.file,
    caFile: '/a',
    port: 1,
    allowedNames: [],
  } as const
  const { problems } = await readSecrets({ ...policy, repositories: [], primaryAccess })
  expect(problems).toEqual([
    expect.stringContaining(`primary_access.key_file: ${given.file} may be read by others`),
  ])
})
