import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stopS3 } from '../../../testbed/backup/faults.ts'
import { startS3Server } from '../../../testbed/backup/s3/server.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import { writeOwned } from '../../../testbed/postgres-settings.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { alertsOf, untilAlert } from './alerts.ts'
import { allowAgents, cluster, startBackupHerd } from './backup-herd.ts'

test('a repository that stays away for all attempts: failed with their number, an alert, and the next moment is answered once it is back', async () => {
  await using herd = await startBackupHerd()
  await using s3 = await startS3Server()
  const secret = (name: string, text: string): string => {
    const path = join(herd.inside('secrets'), name)
    writeOwned(path, `${text}\n`)
    return path
  }
  await using postgres = await startPostgres({ major: 15, settings: herd.archiveSettings(1) })
  await allowAgents(postgres)
  const away = await stopS3(s3)
  await herd.addMember({
    seq: 1,
    postgres,
    policy: {
      schedules: { full: '*/3 * * * *' },
      io_timeout: '1s',
      protocol_timeout: '20s',
      retry: { attempts: 3, first: '1s', longest: '2s' },
      repositories: [
        {
          ...{ kind: 's3', path: '/repository', bucket: s3.bucket, endpoint: `127.0.0.1:${s3.port}` },
          ...{ region: 'us-east-1', uri_style: 'path', ca_file: s3.caFile },
          key_file: secret('key', s3.keyId),
          key_secret_file: secret('key-secret', s3.keySecret),
          retention: { full: 2 },
        },
      ],
    },
  })

  const failed = await herd.untilRun(
    'all attempts have failed',
    ({ outcome }) => outcome === 'failed',
    120_000,
  )
  expect(failed).toMatchObject({ askedBy: 'schedule', problem: 'repository-unreachable', attempts: 3 })
  const line = (await herd.succeed('backup', 'history', cluster)).trimEnd().split('\n').at(-1)
  expect(line).toMatch(
    / full +failed: repository-unreachable .* the repository does not answer; look after its server and the network .*\(3 attempts\)$/,
  )
  expect(await herd.succeed('events', '--type', 'backup-failed')).toContain('(3 attempts)')
  expect(await herd.succeed('backup', 'list')).toMatch(/pg-main +repository-unreachable /)

  const alert = await untilAlert(herd, 'PgBackupFailed')
  expect(alert.annotations['summary']).toMatch(/^The last full of pg-main \(repository 1\) failed, at /)
  await waitFor('PgRepositoryDown waits for its 10 minutes', async () => {
    return (await alertsOf(herd)).some(({ labels }) => labels['alertname'] === 'PgRepositoryDown')
  })

  await away.heal()
  const done = await herd.untilRun('a moment is answered', ({ outcome }) => outcome === 'done', 240_000)
  expect(done.slotMs).toBeGreaterThan(failed.slotMs ?? Infinity)
  await waitFor(
    'the alert is over',
    async () => !(await alertsOf(herd)).some(({ labels }) => labels['alertname'] === 'PgBackupFailed'),
    { timeoutMs: 150_000, intervalMs: 1_000 },
  )
})
