import type { BackupEngine } from '../engine.ts'
import { createWorkScope } from '../work-scope.ts'
import { chooseRecord } from './choose-record.ts'
import { expiredOf, removeBackup } from './expire.ts'
import { list, setOf } from './list.ts'
import { makeBackup } from './make-backup.ts'
import type { BasebackupOptions } from './options.ts'
import { prepare } from './prepare.ts'
import { currentRecords, lockRepository, readRepository } from './repository.ts'
import { restore } from './restore.ts'
import { verify } from './verify.ts'

/**
 * pg_basebackup into a directory, where pgBackRest is not installed: full backups, each with the log that it needs, and no archive
 * of the log between them. Disposing ends what runs, and waits for it.
 * @see https://www.postgresql.org/docs/current/app-pgbasebackup.html
 */
export function createPgBasebackup(options: BasebackupOptions): BackupEngine & AsyncDisposable {
  const work = createWorkScope()
  const { until } = work
  return {
    kind: 'pg_basebackup',
    list: (asked) => until(asked, (signal) => list(options, signal)),
    backup: (type, run) => until(run.signal, (signal) => makeBackup(options, type, { ...run, signal })),
    verify: (run) => until(run.signal, (signal) => verify(options, { ...run, signal })),
    expire: ({ isDryRun, signal }) => until(signal, () => expire(options, isDryRun)),
    prepare: (run) => until(run.signal, (signal) => prepare(options, { ...run, signal })),
    choose: (asked, run) => until(run.signal, async () => setOf(await chooseRecord(options, asked))),
    restore: (request, run) => until(run.signal, (signal) => restore(options, request, { ...run, signal })),
    [Symbol.asyncDispose]: () => work[Symbol.asyncDispose](),
  }
}

async function expire(
  { directory, retention, clock }: BasebackupOptions,
  isDryRun: boolean,
): Promise<readonly string[]> {
  const expired = async (): Promise<readonly string[]> => {
    const records = currentRecords(await readRepository(directory))
    return expiredOf(records, retention, clock.now()).map(({ label }) => label)
  }
  if (isDryRun) return expired()
  await readRepository(directory)
  using stack = new DisposableStack()
  stack.use(await lockRepository(directory))
  const labels = await expired()
  for (const label of labels) await removeBackup(directory, label)
  return labels
}
