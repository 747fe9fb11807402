import type { Clock } from '../../../common/clock.ts'
import { BackupFailure } from '../backup-failure.ts'
import type { BackupEngine } from '../engine.ts'
import type { AskServer } from '../server/ask-server.ts'

const archiver = `
select last_failed_wal,
       last_failed_time > coalesce(last_archived_time, '-infinity'),
       (select count(*) from pg_ls_archive_statusdir() where name like '%.ready')
  from pg_stat_archiver
 where not pg_is_in_recovery()`

const lookMs = 500
/** The archiver tries the newest segment meanwhile. */
const mostLooks = 10
/** It tries again each second, and what had only lost its answer comes through then. */
const againMs = 3_000

/**
 * An engine whose backups, and whose proof of archiving, are the server's own. pgBackRest waits for a segment by its name, and is
 * content with one that another server of the same origin has put there, such as a copy that was started beside it; archive_command
 * then fails for good, since the contents differ.
 */
export function withOwnArchive(
  engine: BackupEngine & AsyncDisposable,
  { ask, clock, stanza }: { readonly ask: AskServer; readonly clock: Clock; readonly stanza: string },
): BackupEngine & AsyncDisposable {
  const failing = async (looks: number, signal: AbortSignal): Promise<string | undefined> => {
    for (let i = 0; i < looks; i++) {
      const [row] = await ask(archiver, signal)
      const [segment, fails, ready] = row ?? []
      if (segment != null && fails === 't') return segment
      if (row === undefined || ready === '0') return undefined
      await clock.sleep(lookMs, signal)
    }
    return undefined
  }
  const check = async (what: string, looks: number, signal: AbortSignal): Promise<void> => {
    // Who cannot be asked speaks against nothing.
    const ownFailure = (): Promise<string | undefined> => failing(looks, signal).catch(() => undefined)
    const segment = await ownFailure()
    if (segment === undefined) return
    const { repositories } = await engine.list(signal)
    if (!repositories.every(({ segments }) => segments.includes(segment))) return
    await clock.sleep(againMs, signal)
    if ((await ownFailure()) !== segment) return
    throw new BackupFailure(
      'stanza-mismatch',
      `${what}: archive_command of this server fails for ${segment}, and the archive has another one of that name: another server, such as a copy of this one, archives to stanza ${stanza}; end its archiving or give it a stanza of its own, then make a full backup`,
    )
  }
  return {
    ...engine,
    async backup(type, options) {
      // The retention would delete a backup of the other server for one that cannot be restored.
      await check('no backup was made', 1, options.signal)
      const made = await engine.backup(type, options)
      await check(`backup ${made.label} was made`, mostLooks, options.signal)
      return made
    },
    async prepare(options, only) {
      await engine.prepare(options, only)
      if (only !== 'stanza') await check('the stanza is there', mostLooks, options.signal)
    },
  }
}
