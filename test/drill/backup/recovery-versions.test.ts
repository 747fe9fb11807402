import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scratchSession } from '../../../agent/backup/drill/scratch-session.ts'
import type { RecoveredServer } from '../../../agent/backup/drill/start-recovered.ts'
import { systemClock } from '../../../common/clock.ts'
import { failureOf } from '../../agent/backup/drill/drill-bed.ts'
import { startCopiedServer } from './copied-server.ts'
import type { CopiedServer } from './copied-server.ts'

async function ask(recovered: RecoveredServer, text: string): Promise<readonly (string | null)[]> {
  const { server, superuser } = recovered
  await using session = scratchSession(server, { superuser, database: 'postgres', clock: systemClock })
  await session.connect(10_000)
  return (await session.query({ text }, 10_000)).rows[0] ?? []
}

describe.each([14, 15, 16, 17, 18] as const)('recovery of a copy of PostgreSQL %i', (major) => {
  let copied: CopiedServer
  let middle: string

  beforeAll(async () => {
    copied = await startCopiedServer(major, (postgres) => postgres.query('create table before ()'))
    await copied.switchWal()
    await copied.postgres.query('create table between ()')
    await copied.postgres.query(`select pg_create_restore_point('the middle')`)
    middle = await copied.switchWal()
    await copied.postgres.query('create table after ()')
    await copied.switchWal()
  })
  afterAll(() => copied[Symbol.asyncDispose]())

  const tables = `select string_agg(relname, ' ' order by oid) from pg_catalog.pg_class where relnamespace = 'public'::regnamespace`

  test('goes to the end of the archive, and is then open', async () => {
    await using recovered = await copied.recover({ kind: 'latest' })

    expect(await ask(recovered, tables)).toEqual(['before between after'])
    expect(recovered.point).toMatchObject({ isPaused: false, timeline: 2, stop: null })
  })

  test('waits at a restore point', async () => {
    await using recovered = await copied.recover({ kind: 'name', value: 'the middle' }, 'pause')

    expect(await ask(recovered, tables)).toEqual(['before between'])
    expect(recovered.point).toMatchObject({ isPaused: true, timeline: 1 })
    expect(recovered.point.stop?.text).toContain('restore point "the middle"')
  })

  test('waits at the end of the backup', async () => {
    await using recovered = await copied.recover({ kind: 'immediate' }, 'pause')

    expect(await ask(recovered, tables)).toEqual(['before'])
    expect(recovered.point).toMatchObject({ isPaused: true })
  })

  test('a time behind the last commit is not reached, and the last commit is told', async () => {
    const text = '2038-01-01 00:00:00+00'
    const failure = await failureOf(copied.recover({ kind: 'time', text, atMs: Date.parse(text) }))

    expect(failure).toMatchObject({ problem: 'target-unreachable' })
    expect(failure.message).toMatch(/before the time 2038.*; the last commit in it is of \d{4}-/)
  })

  test('nothing in the configuration that was restored reaches out of its directory', async () => {
    const extra = [
      `listen_addresses = '*'`,
      `port = ${copied.postgres.port}`,
      `unix_socket_directories = '${copied.postgres.socketDirectory}'`,
      `external_pid_file = '${join(copied.scratch, 'pid')}'`,
      `archive_mode = on`,
      `archive_command = 'touch ${join(copied.scratch, 'archived')}'`,
      `recovery_end_command = 'touch ${join(copied.scratch, 'ended')}'`,
      `archive_cleanup_command = 'touch ${join(copied.scratch, 'cleaned')}'`,
      `recovery_min_apply_delay = '1h'`,
      `shared_preload_libraries = 'pg_cron,pg_net'`,
      `shared_buffers = '64GB'`,
      `logging_collector = on`,
      `log_directory = '${copied.scratch}'`,
      `ssl = on`,
      `synchronous_standby_names = '*'`,
      `primary_conninfo = 'host=127.0.0.1 port=${copied.postgres.port}'`,
      `default_transaction_read_only = on`,
    ]
    await using recovered = await copied.recover({ kind: 'latest' }, 'promote', {
      extra: `${extra.join('\n')}\n`,
    })

    expect(await ask(recovered, tables)).toEqual(['before between after'])
    expect(readdirSync(copied.scratch).filter((name) => !name.startsWith('pgherd-scratch-'))).toEqual([])
    expect(await ask(recovered, `select current_setting('listen_addresses')`)).toEqual([''])
  })

  test('a drill does without settings that this host cannot fulfil, and a restore says which they are', async () => {
    const extra = `lc_messages = 'xx_XX.UTF-8'\n`
    const failure = await failureOf(copied.recover({ kind: 'immediate' }, 'pause', { extra }))
    await using recovered = await copied.recover({ kind: 'immediate' }, 'pause', {
      extra,
      isThrownAway: true,
    })

    expect(failure).toMatchObject({ problem: 'configuration' })
    expect(failure.message).toContain('invalid value for parameter "lc_messages": "xx_XX.UTF-8"')
    expect(recovered.point).toMatchObject({ isPaused: true })
  })

  test('starts again with settings that the log demands, where nobody could say them before', async () => {
    await using recovered = await copied.recover({ kind: 'latest' })

    expect(await ask(recovered, `select current_setting('max_connections')`)).toEqual(['60'])
  })

  test('stops at a segment that is missing, and says which', async () => {
    const listed = copied.segments()
    rmSync(join(copied.archive, middle))

    const failure = await failureOf(
      copied.recover({ kind: 'latest' }, 'promote', { segments: listed.filter((name) => name !== middle) }),
    )

    expect(failure).toMatchObject({ problem: 'archive-gap' })
    expect(failure.message).toContain(`segment ${middle} is missing in the archive, which goes on until`)
  })
})
