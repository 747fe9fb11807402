import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import type { OwnDirectory } from '../../../testbed/own-directory.ts'
import { findPostgres, startPostgres, startStandby } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { startChild } from '../../../testbed/process.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { openTuned } from '../../agent/tuning/change/tuned-server.ts'
import type { TunedTestServer } from '../../agent/tuning/change/tuned-server.ts'

let directory: OwnDirectory
let postgres: PostgresServer
let tuned: TunedTestServer
beforeAll(async () => {
  directory = createOwnDirectory({ prefix: 'pgherd-change-' })
  postgres = await startPostgres()
  tuned = await openTuned(postgres, directory.path)
})
afterAll(async () => {
  await tuned[Symbol.asyncDispose]()
  await postgres[Symbol.asyncDispose]()
  directory[Symbol.dispose]()
})

const written = ({ dataDirectory }: PostgresServer): string =>
  readFileSync(join(dataDirectory, 'postgresql.auto.conf'), 'utf8').replaceAll(/^#.*\n/gm, '')

// tuning.md 5.1 (2): each of these ALTER SYSTEM takes, and the next start does not.
test.each([
  [
    'reserved connections as many as all',
    { superuser_reserved_connections: '60' },
    /superuser_reserved_connections.*must be less than "?max_connections"?/,
  ],
  ['fewer connections than are reserved', { max_connections: '3' }, /must be less than "?max_connections"?/],
  [
    'a WAL of less than two segments',
    { max_wal_size: '16MB' },
    /"max_wal_size" must be at least twice "wal_segment_size"/,
  ],
  [
    'more shared memory than there is',
    { shared_buffers: '4TB' },
    /of shared memory|could not map|would not start/,
  ],
  [
    'huge pages that nobody has set aside',
    { huge_pages: 'on', shared_buffers: '200GB' },
    /huge_pages is on: the server would not start again/,
  ],
  [
    'a library that is not there',
    { shared_preload_libraries: 'pg_stat_statements, no_such_library' },
    /could not access file "no_such_library"/,
  ],
] as const)('%s: refused, with the words of the server', async (_what, settings, words) => {
  await expect(tuned.apply(settings)).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringMatching(words) as unknown,
  })
  expect(written(postgres)).toBe('')
})

test.each([
  [
    'what is never tuned',
    { fsync: 'off' },
    'fsync is never tuned: without it a crash of the host may destroy data',
  ],
  ['a wal_level below', { wal_level: 'minimal' }, /wal_level is never lowered by tuning/],
  ['a file that the server is to find', { hba_file: '/tmp/hba' }, /hba_file is never tuned/],
  [
    'a name that is misspelt',
    { work_men: '8MB' },
    /there is no setting work_men; is work_mem(?: or \w+)* meant\?/,
  ],
  ['a name that means nothing', { 'foo.bar': '1' }, 'there is no setting foo.bar'],
  ['a setting of an earlier version', { wal_keep_segments: '8' }, 'there is no setting wal_keep_segments'],
  [
    'what is out of range',
    { work_mem: '1kB' },
    /work_mem: 1kB is out of range; allowed: 64kB to 2147483647kB/,
  ],
  ['what is no value', { jit: 'perhaps' }, 'jit: perhaps is neither on nor off'],
] as const)('%s: refused before the server is asked', async (_what, settings, words) => {
  const { refusals } = await tuned.planned(settings)
  expect(refusals).toContainEqual(typeof words === 'string' ? words : expect.stringMatching(words))
  await expect(tuned.apply(settings)).rejects.toMatchObject({ code: 'REFUSED' })
  expect(written(postgres)).toBe('')
})

test('after all that was refused the server starts as before', async () => {
  await postgres.stop()
  await postgres.start()
  expect(written(postgres)).toBe('')
})

test('a value on the command line is told as such, because no file wins over it', async () => {
  await postgres.stop()
  const { postgres: command } = (await findPostgres(postgres.major))!
  {
    await using child = await startChild({
      ...{ name: 'PostgreSQL with a value of its own', command, owner: unprivilegedOwner() },
      ...{ logFile: postgres.logFile, quickSignal: 'SIGQUIT' },
      args: ['-D', postgres.dataDirectory, '-c', 'work_mem=6MB'],
    })
    await child.waitFor('it answers', async () =>
      postgres.query('select 1').then(
        () => true,
        () => false,
      ),
    )
    await expect(tuned.apply({ work_mem: '8MB' })).rejects.toThrow(
      "work_mem is on the server's command line, which wins over every file",
    )
    await child.stop('SIGINT')
  }
  await postgres.start()
  expect(written(postgres)).toBe('')
})

test('roles that have a value of their own, and what the reload takes over beside it, are told', async () => {
  await postgres.query('create role analyst')
  await postgres.query(`alter role analyst set work_mem = '1GB'`)
  const { notes } = await tuned.planned({ work_mem: '8MB' })
  expect(notes).toContainEqual('role analyst has work_mem of its own (1GB), which wins in its sessions')
  expect(notes).toContainEqual(
    expect.stringMatching(/^tried beside the running server, which would start with this/),
  )
})

test('a primary is not raised above its standbys, unless somebody knows that they have it', async () => {
  await using standby = await startStandby(postgres)
  const rising = { max_connections: '80' }
  await expect(tuned.apply(rising)).rejects.toThrow(
    /max_connections rises, and a standby streams from this server: the standbys first/,
  )
  await using inner = await openTuned(standby, directory.path)
  await expect(inner.apply({ max_connections: '50' })).rejects.toThrow(
    /max_connections falls, and it is not known what the primary has: the primary first/,
  )
  expect(written(standby)).toBe('')
  expect((await tuned.planned(rising, { standbysAreReady: true })).refusals).toEqual([])
  // Falling, the primary is the first.
  expect((await tuned.planned({ max_connections: '50' })).refusals).toEqual([])
})

test('while a base backup is made nothing is changed', async () => {
  await using server = await startPostgres({ major: 15 })
  await using other = await openTuned(server, directory.path)
  using copy = createOwnDirectory({ prefix: 'pgherd-change-copy-' }, unprivilegedOwner())
  await using backup = await startChild({
    ...{ name: 'a slow base backup', command: '/usr/lib/postgresql/15/bin/pg_basebackup' },
    ...{ owner: unprivilegedOwner(), logFile: join(directory.path, 'backup.log') },
    args: [
      ...['-h', server.socketDirectory, '-p', String(server.port), '-U', 'postgres'],
      ...['-D', join(copy.path, 'data'), '-X', 'none', '-c', 'fast', '-r', '32k'],
    ],
  })
  await waitFor('the backup', async () => {
    const rows = await server.query('select from pg_stat_progress_basebackup')
    return rows.length > 0
  })
  await expect(other.apply({ work_mem: '8MB' })).rejects.toThrow(/a base backup of this server is under way/)
  expect(backup.isAlive()).toBe(true)
  expect((await other.planned({ transaction_buffers: '64' })).refusals).toContain(
    'this version of PostgreSQL has no transaction_buffers',
  )
  expect(written(server)).toBe('')
})
