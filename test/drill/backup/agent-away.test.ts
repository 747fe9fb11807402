import { expect, test } from 'vitest'
import { stopS3 } from '../../../testbed/backup/faults.ts'
import { startS3Server } from '../../../testbed/backup/s3/server.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { alertsOf, untilAlert } from './alerts.ts'
import { allowAgents, cluster, startBackupHerd } from './backup-herd.ts'
import { s3Repository } from './s3-repository.ts'

test('a repository that stays away for all attempts: failed with their number, an alert, and the next moment is answered once it is back', async () => {
  await using herd = await startBackupHerd()
  await using s3 = await startS3Server()
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
      repositories: [s3Repository(herd, s3)],
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
