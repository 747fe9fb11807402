import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startArchivingPostgres } from '../../../testbed/backup/pgbackrest.ts'
import { backupLabels } from '../../../testbed/backup/repository-files.ts'
import { startS3Server } from '../../../testbed/backup/s3/server.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { isAlive } from '../../../testbed/process-table.ts'
import { startChild } from '../../../testbed/process.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { outcomeOf } from './outcome.ts'

test.each(['path', 'host'] as const)(
  'a server archives into a directory and an encrypted bucket with its name in the %s, and is restored from both',
  async (s3Style) => {
    await using s3 = await startS3Server()
    await using lab = await startArchivingPostgres({
      // A table of more than the 5 MiB that one part of an upload has.
      pgbenchScale: 2,
      options: { 'compress-type': 'none' },
      repositories: [{}, { s3, s3Style, cipherPass: 'a pass with spaces' }],
    })
    for (const repository of lab.repositories) {
      const backup = await outcomeOf(lab, ['backup', '--type=full', `--repo=${repository.key}`])
      expect(backup).toMatchObject({ status: 0, says: [] })
      expect(backupLabels(lab, repository)).toHaveLength(1)
    }
    await lab.postgres.query('create table after as select 1')
    await lab.archive()
    for (const { key } of lab.repositories) {
      await using restore = await lab.restoreInto(undefined, { type: 'default', more: [`--repo=${key}`] })
      expect(restore.run.status, restore.run.stderr).toBe(0)
      const { postgres } = await restore.startAndPromote()
      const counts = await postgres.query(
        'select (select count(*) from after) as after, (select count(*) from pgbench_accounts) as accounts',
      )
      expect(counts).toEqual([{ after: '1', accounts: '200000' }])
    }
    expect(readFileSync(s3.logFile, 'utf8')).toBe('listening\n')
  },
)

test('kill -9 of who started it all leaves no process, no mount and no directory', async () => {
  using own = createOwnDirectory({ prefix: 'pgherd-backup-owner-' })
  const logFile = join(own.path, 'log')
  const from = (file: string): string => new URL(`../../../testbed/${file}`, import.meta.url).href
  const owner = await startChild({
    name: 'the owner',
    command: process.execPath,
    args: [
      '--input-type=module',
      '--eval',
      `import { startArchivingPostgres } from '${from('backup/pgbackrest.ts')}'
       import { startS3Server } from '${from('backup/s3/server.ts')}'
       import { mountSmallDisk } from '${from('small-disk.ts')}'
       import { unprivilegedOwner } from '${from('unprivileged.ts')}'
       const disk = await mountSmallDisk('100m', unprivilegedOwner())
       const s3 = await startS3Server()
       const lab = await startArchivingPostgres({ repositories: [{ path: disk.path }, { s3 }] })
       console.log(JSON.stringify({ pid: lab.postgres.pid, directories: [disk.path, lab.directory, s3.bucketDirectory] }))
       setInterval(() => {}, 1000)`,
    ],
    logFile,
  })
  await owner.waitFor('all of it is up', () => readFileSync(logFile, 'utf8').includes('}\n'), 60_000)
  const { pid, directories } = JSON.parse(readFileSync(logFile, 'utf8')) as {
    pid: number
    directories: string[]
  }
  expect(isAlive(pid)).toBe(true)
  const [disk = ''] = directories
  expect(readFileSync('/proc/mounts', 'utf8')).toContain(disk)
  await owner.stop('SIGKILL')
  await waitFor('the server to end', () => !isAlive(pid))
  await waitFor('the directories to be gone', () => !directories.some((directory) => existsSync(directory)))
  expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(disk)
})
