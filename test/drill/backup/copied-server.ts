import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { LiveServer } from '../../../agent/backup/drill/live-server.ts'
import { makeScratchPlace } from '../../../agent/backup/drill/scratch-place.ts'
import { startRecovered } from '../../../agent/backup/drill/start-recovered.ts'
import type { RecoveredServer } from '../../../agent/backup/drill/start-recovered.ts'
import type { RecoveryTarget } from '../../../agent/backup/engine.ts'
import { systemClock } from '../../../common/clock.ts'
import { copyRunningServer } from '../../../testbed/base-backup.ts'
import { copyTree } from '../../../testbed/copy-tree.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresMajor, PostgresServer } from '../../../testbed/postgres.ts'
import { writeOwned } from '../../../testbed/postgres-settings.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { waitFor } from '../../../testbed/wait.ts'

/** A server of any version that copies its WAL into a directory, and one copy of it, which is a backup without pgBackRest. */
export interface CopiedServer extends AsyncDisposable {
  readonly postgres: PostgresServer
  readonly archive: string
  readonly scratch: string
  /** Ends the current segment, and waits until it is copied. @returns its name */
  switchWal(): Promise<string>
  segments(): readonly string[]
  /** Starts a copy of the copy, which gets its segments from the archive. */
  recover(
    target: RecoveryTarget,
    action?: 'promote' | 'pause',
    options?: {
      readonly live?: LiveServer
      readonly segments?: readonly string[]
      readonly extra?: string
      readonly isThrownAway?: boolean
    },
  ): Promise<RecoveredServer>
}

export async function startCopiedServer(
  major: PostgresMajor,
  prepare: (postgres: PostgresServer) => Promise<unknown>,
): Promise<CopiedServer> {
  const owner = unprivilegedOwner()
  await using stack = new AsyncDisposableStack()
  const own = stack.use(createOwnDirectory({ prefix: 'pgherd-copied-' }, owner))
  const inside = (name: string): string => createOwnDirectory({ path: join(own.path, name) }, owner).path
  const archive = inside('archive')
  const backup = inside('backup')
  const scratch = inside('scratch')
  const settings = {
    archive_mode: 'on',
    archive_command: `cp %p ${archive}/%f.partial && mv ${archive}/%f.partial ${archive}/%f`,
  }
  const postgres = stack.use(await startPostgres({ major, settings }))
  await prepare(postgres)
  await copyRunningServer(postgres, backup)
  const kept = stack.move()
  const segments = (): readonly string[] =>
    readdirSync(archive)
      .filter((name) => /^[0-9A-F]{24}$/.test(name))
      .sort()
  let count = 0
  return {
    postgres,
    archive,
    scratch,
    segments,
    async switchWal() {
      await postgres.query(`select pg_create_restore_point('end of segment')`)
      const [row] = await postgres.query<{ name: string }>('select pg_walfile_name(pg_switch_wal()) as name')
      await waitFor('the segment to be copied', () => segments().includes(row!.name), { timeoutMs: 30_000 })
      return row!.name
    },
    async recover(target, action = 'promote', options = {}) {
      const directory = join(scratch, `pgherd-scratch-${count++}`)
      const place = await makeScratchPlace(directory, owner ?? null, () => Promise.resolve())
      const dataDirectory = join(directory, 'data')
      await copyTree(backup, dataDirectory, { owner })
      const value = 'text' in target ? target.text : 'value' in target ? target.value : 'immediate'
      const end =
        target.kind === 'latest'
          ? ''
          : `recovery_target${target.kind === 'immediate' ? '' : `_${target.kind}`} = '${value}'\nrecovery_target_action = '${action}'\n`
      writeOwned(
        join(dataDirectory, 'postgresql.auto.conf'),
        `restore_command = 'cp ${archive}/%f %p'\n${end}${options.extra ?? ''}`,
      )
      writeOwned(join(dataDirectory, 'recovery.signal'), '')
      return startRecovered(
        { target, segments: options.segments ?? segments() },
        {
          dataDirectory,
          place,
          places: [],
          live: options.live ?? { pid: postgres.pid },
          user: owner ?? null,
          nice: 0,
          isThrownAway: options.isThrownAway ?? false,
          timeoutMs: 60_000,
          clock: systemClock,
          signal: new AbortController().signal,
        },
      )
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
