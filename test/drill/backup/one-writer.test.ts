import { globSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { pgbench } from '../../../testbed/backup/pgbench.ts'
import { startPostgres, startStandby } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { allowAgents, cluster, dailyAt, slowly, startBackupHerd } from './backup-herd.ts'

const policyWith = (repository: string) => ({
  ...slowly,
  schedules: { full: dailyAt(new Date()) },
  repositories: [{ kind: 'local', path: repository, shared: true, retention: { full: 2 } }],
  retry: { attempts: 3, first: '1s', longest: '2s' },
})

/** Labels of the backups that came to their end. */
function wholeBackups(repository: string): readonly string[] {
  return globSync(join(repository, `backup/${cluster}/*F/backup.manifest`)).map((file) =>
    basename(dirname(file)),
  )
}

function untilFilesAreSent(repository: string): Promise<boolean> {
  return waitFor(
    'a backup sends files',
    () => globSync(join(repository, `backup/${cluster}/*F/pg_data/base/**`)).length > 0,
    { timeoutMs: 60_000 },
  )
}

test('a failover in the middle of a backup: the old run comes to nothing, and the new primary makes the one backup of the slot', async () => {
  await using herd = await startBackupHerd()
  const repository = herd.inside('repository')
  await using primary = await startPostgres({ major: 15, settings: herd.archiveSettings(1) })
  await allowAgents(primary)
  await pgbench(primary, ['-i', '-q', '-s', '3'])
  await using standby = await startStandby(primary, { name: 'pg-main-2', settings: herd.archiveSettings(2) })
  const policy = policyWith(repository)
  await herd.addMember({ seq: 2, postgres: standby, policy })
  await herd.addMember({ seq: 1, postgres: primary, policy })

  await untilFilesAreSent(repository)
  expect(wholeBackups(repository)).toEqual([])
  await primary.stop('immediate')
  await standby.query('select pg_promote()')

  const done = await herd.untilRun('the new primary has made it', ({ outcome }) => outcome === 'done', 90_000)
  expect(done).toMatchObject({ operation: 'full', node: `${cluster}-2`, askedBy: 'schedule' })
  const lost = await herd.untilRun('the old run has ended', ({ node, outcome }) => {
    return node === `${cluster}-1` && outcome !== 'running'
  })
  // It is tried again, and by then the new primary may have made it.
  expect(['failed', 'elsewhere']).toContain(lost.outcome)
  expect([lost.slotMs, lost.label]).toEqual([done.slotMs, null])
  expect(wholeBackups(repository)).toEqual([done.label])
  expect(await herd.succeed('backup', 'list', cluster)).toContain(
    `${cluster}-2: runs them: it is the primary`,
  )
})

test('of two members that decide alike at the same moment one makes the backup, and the other waits and finds it made', async () => {
  await using herd = await startBackupHerd()
  const repository = herd.inside('repository')
  await using primary = await startPostgres({ major: 15, settings: herd.archiveSettings(1) })
  await allowAgents(primary)
  await pgbench(primary, ['-i', '-q', '-s', '3'])
  const policy = policyWith(repository)
  await Promise.all([1, 2].map((seq) => herd.addMember({ seq, postgres: primary, policy })))

  const other = await herd.untilRun('one finds it made', ({ outcome }) => outcome === 'elsewhere')
  const done = await herd.untilRun('the other has made it', ({ outcome }) => outcome === 'done')
  expect(other.node).not.toBe(done.node)
  expect(other).toMatchObject({ problem: null, slotMs: done.slotMs, label: null })
  expect(other.message).toBe(`another member has made backup ${done.label} meanwhile`)
  expect(other.attempts).toBeGreaterThan(1)
  expect(wholeBackups(repository)).toEqual([done.label])
  expect(await herd.succeed('backup', 'history', cluster)).toMatch(/full +elsewhere /)
})
