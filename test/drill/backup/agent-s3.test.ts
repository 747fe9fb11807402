import { globSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freezeS3 } from '../../../testbed/backup/faults.ts'
import { startS3Server } from '../../../testbed/backup/s3/server.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { allowAgents, cluster, dailyAt, slowly, startBackupHerd } from './backup-herd.ts'
import type { BackupHerd } from './backup-herd.ts'
import { s3Repository } from './s3-repository.ts'

function untilTriedAgain(herd: BackupHerd): Promise<boolean> {
  return waitFor(
    'it is to be tried again',
    async () => / now: full: .*attempt \d+ in/.test((await herd.agentctl('backup', 'list', cluster)).stdout),
    { timeoutMs: 60_000, intervalMs: 200 },
  )
}

test('an object store that does not answer, at the start and in the middle of a backup: told, tried again, and done once it answers', async () => {
  await using herd = await startBackupHerd()
  await using s3 = await startS3Server()
  await using postgres = await startPostgres({ major: 15, settings: herd.archiveSettings(1) })
  await allowAgents(postgres)
  const frozen = await freezeS3(s3)
  await herd.addMember({
    seq: 1,
    postgres,
    policy: {
      ...slowly,
      schedules: { full: dailyAt(new Date()) },
      io_timeout: '1s',
      protocol_timeout: '20s',
      retry: { attempts: 20, first: '1s', longest: '2s' },
      repositories: [{ ...s3Repository(herd, s3), bundle: false }],
    },
  })
  await waitFor(
    'the list tells it',
    async () => {
      return /pg-main +repository-unreachable /.test((await herd.agentctl('backup', 'list')).stdout)
    },
    { timeoutMs: 40_000 },
  )
  expect(await herd.succeed('backup', 'list', cluster)).toContain('the repository does not answer')
  await untilTriedAgain(herd)
  await frozen.heal()
  const first = await herd.untilRun('it is made once it answers', ({ outcome }) => outcome === 'done')
  expect(first.attempts).toBeGreaterThan(1)

  const asked = herd.agentctl('backup', 'run', cluster, '--type', 'full', '--yes')
  const files = () => globSync(join(s3.bucketDirectory, `repository/backup/${cluster}/*F/pg_data/**`)).length
  const known = files()
  await waitFor('files are sent', () => files() > known, { timeoutMs: 30_000 })
  const again = await freezeS3(s3)
  await untilTriedAgain(herd)
  await again.heal()
  const second = await herd.untilRun('it is made', ({ outcome, id }) => outcome === 'done' && id !== first.id)
  expect(second.attempts).toBeGreaterThan(1)
  await asked
})
