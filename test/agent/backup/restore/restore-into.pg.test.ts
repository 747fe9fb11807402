import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BackupEngine, RecoveryTarget } from '../../../../agent/backup/engine.ts'
import { restoreInto } from '../../../../agent/backup/restore/restore-into.ts'
import type { RestoredInto } from '../../../../agent/backup/restore/restore-into.ts'
import { planRestoreInto } from '../../../../agent/backup/restore/restore-plan.ts'
import type { RestoreIntoAsked, RestorePlan } from '../../../../agent/backup/restore/restore-plan.ts'
import type { Leftover } from '../../../../agent/backup/runs/run-journal.ts'
import { systemClock } from '../../../../common/clock.ts'
import { startArchivingPostgres } from '../../../../testbed/backup/pgbackrest.ts'
import type { ArchivingPostgres } from '../../../../testbed/backup/pgbackrest.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'
import type { OwnDirectory } from '../../../../testbed/own-directory.ts'
import { freePort } from '../../../../testbed/ports.ts'
import { findPostgres } from '../../../../testbed/postgres-binaries.ts'
import { createHome, createServer } from '../../../../testbed/postgres-server.ts'
import type { PostgresServer } from '../../../../testbed/postgres-server.ts'
import { baseSettingsFor, writeSettings } from '../../../../testbed/postgres-settings.ts'
import { unprivilegedOwner } from '../../../../testbed/unprivileged.ts'
import { failureOf, liveOf } from '../drill/drill-bed.ts'
import { engineOf } from '../engine/engine-of.ts'

/** As its owner does, with the configuration that is there. */
async function startAt(dataDirectory: string): Promise<PostgresServer> {
  const binaries = await findPostgres(15)
  const home = createHome()
  const port = await freePort()
  writeSettings(dataDirectory, {
    ...baseSettingsFor(15),
    port: String(port),
    unix_socket_directories: home.socketDirectory,
  })
  const server = createServer({
    name: 'restored',
    binaries: binaries!,
    port,
    home: { ...home, dataDirectory, [Symbol.dispose]: () => home[Symbol.dispose]() },
  })
  await server.start()
  return server
}

describe('a restore into a directory with the real pgBackRest', () => {
  let bed: ArchivingPostgres
  let engine: BackupEngine & AsyncDisposable
  let own: OwnDirectory
  let before: RecoveryTarget

  beforeAll(async () => {
    bed = await startArchivingPostgres()
    own = createOwnDirectory({ prefix: 'pgherd-restores-' }, unprivilegedOwner())
    await bed.postgres.query('create table accounts as select g as id from generate_series(1, 1000) g')
    await bed.backup('full')
    await bed.postgres.query('insert into accounts values (1001)')
    await bed.postgres.query(`select pg_create_restore_point('before the accident')`)
    const [row] = await bed.postgres.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn')
    before = { kind: 'lsn', value: row!.lsn }
    await bed.postgres.query('drop table accounts')
    await bed.archive()
    engine = engineOf(bed)
  })
  afterAll(async () => {
    await engine[Symbol.asyncDispose]()
    own[Symbol.dispose]()
    await bed[Symbol.asyncDispose]()
  })

  const asked = (name: string, more: Partial<RestoreIntoAsked>): RestoreIntoAsked => ({
    directory: join(own.path, name),
    target: before,
    isExclusive: false,
    action: 'promote',
    ...more,
  })
  const plan = (name: string, more: Partial<RestoreIntoAsked> = {}): Promise<RestorePlan> =>
    planRestoreInto(asked(name, more), {
      engine,
      history: [],
      signal: new AbortController().signal,
    })
  const run = (planned: RestorePlan, noted: Leftover[] = []): Promise<RestoredInto> =>
    restoreInto(
      planned,
      {
        engine,
        live: liveOf(bed.postgres),
        user: unprivilegedOwner() ?? null,
        nice: 5,
        timeoutMs: 60_000,
        clock: systemClock,
      },
      {
        signal: new AbortController().signal,
        note: (left) => {
          noted.push(left)
          return Promise.resolve()
        },
      },
    )

  test('a dropped table is back when its owner starts the directory, and nothing is archived from there', async () => {
    const planned = await plan('back')
    const done = await run(planned)

    expect(planned.lines.join('\n')).toMatch(
      /Restores backup \S+F .* from repository 1 .*\nReplays the log from \w{24} to LSN /,
    )
    expect(done).toMatchObject({ problem: null, point: { isPaused: false, timeline: 2 } })
    expect(done.point.stop?.text).toContain('recovery stopping after WAL location (LSN)')
    expect(readdirSync(own.path)).toEqual(['back'])
    const files = readdirSync(join(own.path, 'back'))
    expect(files).toContain('PG_VERSION')
    for (const gone of ['postmaster.pid', 'postmaster.opts', 'recovery.signal']) {
      expect(files).not.toContain(gone)
    }
    await using restored = await startAt(join(own.path, 'back'))
    expect(
      await restored.query(
        `select count(*)::int as rows, current_setting('archive_mode') as archives from accounts`,
      ),
    ).toEqual([{ rows: 1001, archives: 'off' }])
  })

  test('a restore point that is not there fails, and everything is removed again', async () => {
    const target = { kind: 'name', value: 'after the accident' } as const
    const failure = await failureOf(run(await plan('absent', { target })))

    expect(failure).toMatchObject({ problem: 'target-unreachable' })
    expect(failure.message).toContain('before restore point after the accident')
    expect(existsSync(join(own.path, 'absent'))).toBe(false)
  })

  test('a directory that has something is refused and left alone', async () => {
    const directory = join(own.path, 'full')
    mkdirSync(directory)
    writeFileSync(join(directory, 'mine'), 'mine')

    expect(await failureOf(plan('full'))).toMatchObject({ problem: 'configuration' })
    expect(readFileSync(join(directory, 'mine'), 'utf8')).toBe('mine')
  })
})
