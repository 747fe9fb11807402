import { statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { archiveSettings } from '../../../../agent/backup/policy/archive-settings.ts'
import type { BackupPolicy } from '../../../../common/backup/backup-policy.ts'
import { pgBackRestProgram } from '../../../../testbed/backup/run-pgbackrest.ts'
import { startS3Server } from '../../../../testbed/backup/s3/server.ts'
import { findProgram } from '../../../../testbed/find-program.ts'
import { startPostgres } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { unprivilegedOwner } from '../../../../testbed/unprivileged.ts'
import { backupPlace, writeConfigOf } from './written-config.ts'

const wanted = (policy: BackupPolicy) => archiveSettings(policy, findProgram('pgbackrest') ?? 'pgbackrest')

const archiving = (policy: BackupPolicy): Promise<PostgresServer> =>
  startPostgres({
    major: 15,
    settings: Object.fromEntries(wanted(policy).map(({ name, value }) => [name, value])),
  })

test('pgBackRest takes a written configuration: an encrypted directory and an object store at once', async () => {
  using place = backupPlace()
  await using s3 = await startS3Server()
  const policy = place.policy(
    'repositories:',
    `  - {kind: local, path: ${place.inside('repository')}, retention: {full: 2, diff: 3}, bundle: true, cipher_pass_file: ${place.secret('pass', 'a pass = with #')}}`,
    `  - {kind: s3, path: /main, bucket: ${s3.bucket}, endpoint: '127.0.0.1:${s3.port}', uri_style: path, ca_file: ${s3.caFile}, key_file: ${place.secret('key', s3.keyId)}, key_secret_file: ${place.secret('key-secret', s3.keySecret)}, retention: {full: 14d}}`,
  )
  await using server = await archiving(policy)
  await writeConfigOf(policy, server)
  const { mode, uid } = statSync(policy.configFile)
  expect([mode & 0o777, uid]).toEqual([0o600, unprivilegedOwner()?.uid ?? process.getuid?.()])

  const pgbackrest = pgBackRestProgram(policy.configFile, policy.stanza)
  const run = async (...args: readonly string[]): Promise<void> => {
    // It warns of what it does not know or understand.
    expect(await pgbackrest.mustRun([...args, '--log-level-console=warn'])).toBe('')
  }
  await run('stanza-create')
  await run('check')
  await run('backup', '--type=full', '--repo=2')
  const info = JSON.parse(await pgbackrest.mustRun(['info', '--output=json'])) as {
    backup: { database: { 'repo-key': number } }[]
    repo: { cipher: string; status: { code: number } }[]
  }[]
  expect(info[0]?.repo).toMatchObject([{ cipher: 'aes-256-cbc' }, { cipher: 'none', status: { code: 0 } }])
  expect(info[0]?.backup.map(({ database }) => database['repo-key'])).toEqual([2])
})
