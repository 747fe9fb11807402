import { expect, test } from 'vitest'
import { configText } from '../../../../agent/backup/policy/config-text.ts'
import type { LocalServer } from '../../../../agent/backup/policy/config-text.ts'
import { fileOf, policyOf } from './policy-facts.ts'

const server: LocalServer = {
  dataDirectory: '/var/lib/postgresql/15/main',
  port: 5432,
  socketDirectory: '/run/postgresql',
  user: null,
  address: '10.0.0.1',
}
const secrets = [{ cipherPass: 'pass=1 #2', key: 'AK', keySecret: 'SK' }]
const linesOf = (text: string): readonly string[] => text.split('\n')
const s3 = (more = '') =>
  `repositories: [{kind: s3, path: /main, bucket: b, endpoint: 'minio:9000', key_file: /k, key_secret_file: /s, retention: {full: 14d, diff: 3}${more}}]`

test('says whose it is, and has one section for all and one for the stanza', () => {
  const { text } = configText(policyOf(fileOf('stanza: main')), server, secrets, '2.45')
  expect(linesOf(text)[0]).toBe('# Written by pgherd from the policy of pg-main; changes here are lost.')
  expect(linesOf(text).filter((line) => line.startsWith('['))).toEqual(['[global]', '[main]'])
  expect(linesOf(text).slice(linesOf(text).indexOf('[main]'))).toEqual([
    '[main]',
    'pg1-path=/var/lib/postgresql/15/main',
    'pg1-port=5432',
    'pg1-socket-path=/run/postgresql',
    '',
  ])
})

test('a local repository with a count of backups', () => {
  const { text } = configText(policyOf(fileOf()), server, secrets, '2.45')
  expect(linesOf(text).filter((line) => line.startsWith('repo'))).toEqual([
    'repo1-type=posix',
    'repo1-path=/backup',
    'repo1-retention-full-type=count',
    'repo1-retention-full=2',
  ])
})

test('an encrypted object store with a time that stays reachable', () => {
  const policy = policyOf(fileOf(s3(', uri_style: path, ca_file: /ca.pem, cipher_pass_file: /p')))
  const { text } = configText(policy, server, secrets, '2.45')
  expect(linesOf(text).filter((line) => line.startsWith('repo'))).toEqual([
    'repo1-type=s3',
    'repo1-path=/main',
    'repo1-s3-bucket=b',
    'repo1-s3-endpoint=minio',
    'repo1-storage-port=9000',
    'repo1-s3-region=us-east-1',
    'repo1-s3-uri-style=path',
    'repo1-s3-key=AK',
    'repo1-s3-key-secret=SK',
    'repo1-storage-ca-file=/ca.pem',
    'repo1-cipher-type=aes-256-cbc',
    'repo1-cipher-pass=pass=1 #2',
    'repo1-retention-full-type=time',
    'repo1-retention-full=14',
    'repo1-retention-diff=3',
    'repo1-bundle=y',
  ])
})

test('a text for people has stars in place of secrets', () => {
  const policy = policyOf(fileOf(s3(', cipher_pass_file: /p')))
  const { text } = configText(policy, server, null, '2.45')
  expect(linesOf(text).filter((line) => line.endsWith('=***'))).toEqual([
    'repo1-s3-key=***',
    'repo1-s3-key-secret=***',
    'repo1-cipher-pass=***',
  ])
})

test('what is to stay for ever has the highest count, since pgBackRest warns without one', () => {
  const policy = policyOf(fileOf('repositories: [{kind: local, path: /b, retention: {full: forever}}]'))
  expect(configText(policy, server, secrets, '2.45').text).toContain('repo1-retention-full=9999999\n')
})

test('several repositories are counted in the order of the policy', () => {
  const two = '{kind: local, path: /a, retention: {full: 2}}, {kind: local, path: /b, retention: {full: 3}}'
  const { text } = configText(
    policyOf(fileOf(`repositories: [${two}]`)),
    server,
    [secrets[0]!, secrets[0]!],
    '2.45',
  )
  expect(text).toContain('repo1-path=/a\n')
  expect(text).toContain('repo2-path=/b\n')
})

test('timeouts are seconds, and that of the database is the shorter one, as pgBackRest asks', () => {
  const { text } = configText(
    policyOf(fileOf('protocol_timeout: 2s', 'io_timeout: 1s')),
    server,
    secrets,
    '2.45',
  )
  expect(linesOf(text)).toEqual(
    expect.arrayContaining(['io-timeout=1', 'db-timeout=1', 'protocol-timeout=2', 'archive-timeout=60']),
  )
})

test.each([
  {
    lines: [],
    has: ['archive-async=y', 'spool-path=/var/spool/pgbackrest'],
    hasNot: 'archive-push-queue-max',
  },
  { lines: ['archive: {async: false}'], has: [], hasNot: 'spool-path' },
  {
    lines: ['archive: {queue_max: 1GiB}'],
    has: ['archive-push-queue-max=1073741824'],
    hasNot: 'queue-max=1GiB',
  },
])('archiving with $lines', ({ lines, has, hasNot }) => {
  const { text } = configText(policyOf(fileOf(...lines)), server, secrets, '2.45')
  expect(linesOf(text)).toEqual(expect.arrayContaining(has))
  expect(text).not.toContain(hasNot)
})

test.each([
  { version: '2.37', has: [], leftOut: ['repositories[0].bundle needs pgBackRest 2.39, and this is 2.37'] },
  {
    version: '2.45',
    has: ['repo1-bundle=y'],
    leftOut: ['repositories[0].block needs pgBackRest 2.46, and this is 2.45'],
  },
  { version: '2.54.1', has: ['repo1-bundle=y', 'repo1-block=y'], leftOut: [] },
])('pgBackRest $version gets what it knows, and the rest is told', ({ version, has, leftOut }) => {
  const config = configText(policyOf(fileOf(s3(', block: true'))), server, secrets, version)
  expect(linesOf(config.text).filter((line) => /bundle|block/.test(line))).toEqual(has)
  expect(config.leftOut).toEqual(leftOut)
})

test('a member of several knows the others by TLS, and serves them', () => {
  const policy = policyOf(
    fileOf(
      'repositories: [{kind: local, path: /nfs, shared: true, retention: {full: 2}}]',
      'where: standby',
      'members: [{address: 10.0.0.1}, {address: 10.0.0.2, data_directory: /pg, port: 5433}, {address: 10.0.0.3}]',
      'primary_access: {kind: tls, cert_file: /c, key_file: /k, ca_file: /a, port: 8433, allowed_names: [pg-1, pg-2]}',
    ),
  )
  const lines = linesOf(configText(policy, server, secrets, '2.45').text)
  expect(lines.filter((line) => line.startsWith('pg2-'))).toEqual([
    'pg2-path=/pg',
    'pg2-port=5433',
    'pg2-socket-path=/run/postgresql',
    'pg2-host=10.0.0.2',
    'pg2-host-type=tls',
    'pg2-host-port=8433',
    'pg2-host-config=/etc/pgbackrest/pgbackrest.conf',
    'pg2-host-cert-file=/c',
    'pg2-host-key-file=/k',
    'pg2-host-ca-file=/a',
  ])
  expect(lines).toContain('pg3-path=/var/lib/postgresql/15/main')
  expect(lines.filter((line) => /^tls-server-(auth|port)|^backup-standby/.test(line))).toEqual([
    'backup-standby=y',
    'tls-server-port=8433',
    'tls-server-auth=pg-1=pg-main',
    'tls-server-auth=pg-2=pg-main',
  ])
})
