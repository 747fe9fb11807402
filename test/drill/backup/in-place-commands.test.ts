import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findPostgres } from '../../../testbed/postgres-binaries.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { isAlive } from '../../../testbed/process-table.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { allowAgents, cluster, startBackupHerd } from './backup-herd.ts'
import type { BackupHerd } from './backup-herd.ts'

const owned = new AsyncDisposableStack()
let herd: BackupHerd
let postgres: PostgresServer
/** Lines that the commands of the configuration have left, the oldest first. */
let calls: string
/** While it is there the start command refuses, once. */
let refusal: string

beforeAll(async () => {
  herd = owned.use(await startBackupHerd())
  const place = herd.inside('commands')
  calls = join(place, 'calls')
  refusal = join(place, 'refusal')
  postgres = owned.use(await startPostgres({ major: 15, settings: herd.archiveSettings(1) }))
  // The start command starts another one in its place, which the test bed does not know.
  owned.defer(async () => {
    const pid = postmaster()
    if (pid === undefined || !isAlive(pid)) return
    process.kill(pid, 'SIGQUIT')
    await waitFor('the server to end', () => !isAlive(pid))
  })
  const owner = unprivilegedOwner()
  const asOwner =
    owner === undefined ? '' : `setpriv --reuid ${owner.uid} --regid ${owner.gid} --clear-groups`
  const { postgres: program = '' } = (await findPostgres(15)) ?? {}
  const control = `exec ${asOwner} ${dirname(program)}/pg_ctl -D ${postgres.dataDirectory} -w`
  const script = (name: string, ...lines: readonly string[]): string => {
    const file = join(place, name)
    writeFileSync(file, ['#!/bin/sh', `echo ${name} >> ${calls}`, ...lines, ''].join('\n'), { mode: 0o755 })
    return file
  }
  const refuses = `if rm ${refusal} 2>/dev/null; then echo 'the unit is masked' >&2; exit 1; fi`
  // No log file: the server keeps the output of the command that has started it.
  const start = script('start', refuses, `${control} start`)
  const stop = script('stop', `${control} -m fast stop`)
  await allowAgents(postgres)
  await postgres.query('create table ledger as select generate_series(1, 1000) as entry')
  await herd.addMember({
    seq: 1,
    postgres,
    policy: { repositories: [{ kind: 'local', path: herd.inside('repository'), retention: { full: 2 } }] },
    extraConfig: { 'backup.start_command': [start], 'backup.stop_command': [stop] },
  })
  await waitFor(
    'the agent backs up',
    async () => (await herd.agentctl('backup', 'prepare', cluster, '--yes')).status === 0,
    { timeoutMs: 60_000 },
  )
  await herd.succeed('backup', 'run', cluster, '--type', 'full', '--yes')
  const endedMs = Date.now()
  // A backup's end is known to the second, and its target must be behind it.
  await waitFor('the next second', () => Date.now() > endedMs + 2_000)
}, 120_000)

afterAll(() => owned.disposeAsync(), 60_000)

function postmaster(): number | undefined {
  try {
    return Number(readFileSync(join(postgres.dataDirectory, 'postmaster.pid'), 'utf8').split('\n')[0])
  } catch {
    return undefined
  }
}

const called = (): readonly string[] => readFileSync(calls, 'utf8').trim().split('\n')

const besides = (word: 'before' | 'restored'): readonly string[] =>
  readdirSync(dirname(postgres.dataDirectory)).filter((name) =>
    name.startsWith(`${basename(postgres.dataDirectory)}.${word}-`),
  )

/** A moment at which the ledger was there, behind which it is dropped, and the log is archived. */
async function dropLedger(): Promise<string> {
  const [row] = await postgres.query('select now()::text as before')
  await postgres.query('drop table ledger')
  await postgres.query('select pg_switch_wal()')
  await waitFor('the segment is archived', async () => {
    const [waiting] = await postgres.query(
      `select count(*) as ready from pg_ls_archive_statusdir() where name like '%.ready'`,
    )
    return Number(waiting?.['ready']) === 0
  })
  return String(row?.['before'])
}

test('a start command that fails: the directory of before is put back, and started by the same command', async () => {
  const before = await dropLedger()
  const { ino } = statSync(postgres.dataDirectory)
  writeFileSync(refusal, '')
  const restore = ['backup', 'restore', cluster, '--node', `${cluster}-1`, '--in-place', '--yes'] as const
  const { status, stdout, stderr } = await herd.agentctl(...restore, '--to', before)
  const said = `${stdout}${stderr}`
  expect(status, said).toBe(1)
  expect(said).toContain('did not start the server: the unit is masked')
  expect(said).toContain('as it was before')
  expect(called()).toEqual(['stop', 'start', 'start'])
  expect(statSync(postgres.dataDirectory).ino).toBe(ino)
  expect(besides('before')).toEqual([])
  expect(besides('restored')).toHaveLength(1)
  await expect(postgres.query('select from ledger')).rejects.toThrow('does not exist')
  rmSync(calls)

  const { stdout: plan } = await herd.agentctl(...restore, '--to', before, '--dry-run')
  expect(plan).toMatch(/Starts the server by \S+\/start/)
  const startedMs = performance.now()
  const out = await herd.succeed(...restore, '--to', before)
  expect(out).toContain('is open for writing on timeline 2')
  expect(called()).toEqual(['stop', 'start'])
  expect(performance.now() - startedMs).toBeLessThan(120_000)
  expect((await postgres.query('select from ledger')).length).toBe(1000)
  expect(besides('before')).toHaveLength(1)
  expect(existsSync(refusal)).toBe(false)
})
