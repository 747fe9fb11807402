import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { findProgram } from '../../../testbed/find-program.ts'
import { startFleet } from '../../../testbed/fleet.ts'
import type { Fleet } from '../../../testbed/fleet.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import type { PgherdProcess } from '../../../testbed/pgherd.ts'
import { isAlive } from '../../../testbed/process-table.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { waitFor } from '../../../testbed/wait.ts'

const cluster = 'pg-main'
const owned = new AsyncDisposableStack()
const directory = mkdtempSync(join(tmpdir(), 'pgherd-in-place-'))
owned.defer(() => rmSync(directory, { recursive: true, force: true }))
const { path: own } = owned.use(createOwnDirectory({ prefix: 'pgherd-in-place-own-' }, unprivilegedOwner()))
let postgres: PostgresServer
let fleet: Fleet
let agent: PgherdProcess

beforeAll(async () => {
  const inside = (name: string): string =>
    createOwnDirectory({ path: join(own, name) }, unprivilegedOwner()).path
  const configFile = join(own, 'pgbackrest.conf')
  const policy = {
    config_file: configFile,
    log_path: inside('log'),
    lock_path: inside('lock'),
    archive: { async: false, spool_path: inside('spool') },
    repositories: [{ kind: 'local', path: inside('repository'), retention: { full: 2 } }],
    compression: { type: 'lz4' },
  }
  writeFileSync(join(directory, 'backup.yaml'), stringify({ clusters: { [cluster]: policy } }))
  const pgbackrest = findProgram('pgbackrest') ?? 'pgbackrest'
  postgres = owned.use(
    await startPostgres({
      major: 15,
      settings: {
        archive_mode: 'on',
        archive_command: `${pgbackrest} --config=${configFile} --stanza=${cluster} archive-push "%p"`,
      },
    }),
  )
  // The agent starts another one in its place, which the test bed does not know.
  owned.defer(async () => {
    const pid = postmaster()
    if (pid === undefined || !isAlive(pid)) return
    process.kill(pid, 'SIGQUIT')
    await waitFor('the server to end', () => !isAlive(pid))
  })
  await postgres.query('create role pgherd login')
  await postgres.query('grant pg_monitor to pgherd')
  await postgres.query('create table ledger as select generate_series(1, 1000) as entry')
  fleet = owned.use(await startFleet({ directory, operatorName: 'alice' }))
  mkdirSync(join(directory, 'agent'))
  writeFileSync(join(directory, 'agent', 'policy.yaml'), 'rules:\n  - kinds: [read, change, destructive]\n')
  agent = owned.use(
    await fleet.addAgent({
      directory: join(directory, 'agent'),
      cluster,
      seq: 1,
      postgresUrl: postgres.url('postgres', 'pgherd'),
      interval: '5s',
      extraConfig: {
        'scrape.timeout': '4s',
        'backup.policy_file': join(directory, 'backup.yaml'),
        'backup.command': [pgbackrest],
      },
    }),
  )
  await waitFor('the agent backs up', async () => (await backup('prepare', '--yes')).status === 0, {
    timeoutMs: 60_000,
    explain: () => agent.logTail(10),
  })
  await succeed('run', '--type', 'full', '--yes')
}, 120_000)

afterAll(() => owned.disposeAsync(), 60_000)

const backup = (operation: string, ...args: readonly string[]) =>
  fleet.operator.agentctl('backup', operation, cluster, '--node', `${cluster}-1`, ...args)

async function succeed(...[operation, ...args]: readonly [string, ...string[]]): Promise<string> {
  const { status, stdout, stderr } = await backup(operation, ...args)
  expect(status, `${operation}: ${stderr}\n${stdout}\n${agent.logTail(15)}`).toBe(0)
  return stdout
}

function postmaster(): number | undefined {
  try {
    return Number(readFileSync(join(postgres.dataDirectory, 'postmaster.pid'), 'utf8').split('\n')[0])
  } catch {
    return undefined
  }
}

function besides(word: 'before' | 'restored'): readonly string[] {
  const { dataDirectory } = postgres
  const all = readdirSync(dirname(dataDirectory))
  return all.filter((name) => name.startsWith(`${basename(dataDirectory)}.${word}-`))
}

/** An agent that was started looks for its server, and again after 15 s where that was not up yet. */
const untilReady = () =>
  waitFor(
    'the agent to have found its server',
    async () => (await backup('verify', '--dry-run')).status === 0,
    {
      timeoutMs: 60_000,
      explain: () => agent.logTail(10),
    },
  )

const entries = async () => Number((await postgres.query('select count(*) as n from ledger'))[0]?.['n'])

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

test.each([
  ['no target', [], 2, 'needs a target'],
  ['one in the future', ['--to', '2099-01-01 00:00:00+00'], 1, 'is in the future'],
  ['one before all backups', ['--to', '2020-01-01 00:00:00+00'], 1, 'is before the end of the first backup'],
  ['a restore point that there is not', ['--target', 'name=never'], 1, 'never'],
])('%s leaves the server and its directory as they are', async (_what, target, status, said) => {
  const pid = postmaster()
  const { ino } = statSync(postgres.dataDirectory)
  const ended = await backup('restore', '--in-place', ...target, '--yes')
  expect(`${ended.stdout}${ended.stderr}`).toContain(said)
  expect(ended.status).toBe(status)
  expect(postmaster()).toBe(pid)
  expect(statSync(postgres.dataDirectory).ino).toBe(ino)
  expect([...besides('before'), ...besides('restored')]).toEqual([])
  expect(await entries()).toBe(1000)
})

test('a dropped table comes back in place; what was there before is kept until that is confirmed', async () => {
  const before = await dropLedger()
  const plan = await succeed('restore', '--in-place', '--to', before, '--dry-run')
  expect(plan).toContain('STOPS the server')
  const out = await succeed('restore', '--in-place', '--to', before, '--yes')
  expect(out).toContain('is open for writing on timeline 2')
  expect(await entries()).toBe(1000)
  await postgres.query('insert into ledger values (1001)')
  expect(besides('before')).toHaveLength(1)
  expect(besides('restored')).toEqual([])
  const early = await backup('confirm', '--yes')
  expect(early.status).toBe(3)
  expect(`${early.stdout}${early.stderr}`).toContain('no backup was made since')
  expect(besides('before')).toHaveLength(1)
  await succeed('run', '--type', 'full', '--yes')
  expect(await succeed('confirm', '--yes')).toContain('Deleted ')
  expect(besides('before')).toEqual([])
  expect(await entries()).toBe(1001)
})

test.each([
  ['copies files', 'restored'],
  ['has put the directory aside', 'before'],
] as const)(
  'kill -9 of the agent while it %s loses nothing: its next start tells how it ended',
  async (_when, word) => {
    const before = await dropLedger()
    const asked = backup('restore', '--in-place', '--to', before, '--yes')
    await waitFor(`the directory ${word}`, () => besides(word).length > 0, {
      intervalMs: 1,
      timeoutMs: 30_000,
      explain: () => agent.logTail(10),
    })
    await agent.kill()
    const { dataDirectory } = postgres
    await agent.start()
    const { status, stdout, stderr } = await asked
    const said = `${stdout}${stderr}`
    await waitFor(
      'the server to run',
      () =>
        postgres.query('select 1').then(
          () => true,
          () => false,
        ),
      {
        timeoutMs: 30_000,
        explain: () => `${said}\n${agent.logTail(10)}`,
      },
    )
    expect(status, said).not.toBe(0)
    if (said.includes('as it was before')) {
      expect(besides('before')).toEqual([])
      await expect(entries()).rejects.toThrow('does not exist')
      await postgres.query('create table ledger as select generate_series(1, 1001) as entry')
    } else if (besides('before').length > 0) {
      expect(said).toContain(`the restored server runs on ${dataDirectory}`)
      expect(await entries()).toBe(1001)
    } else {
      // It was killed before it had anything to undo.
      expect(word).toBe('restored')
      await expect(entries()).rejects.toThrow('does not exist')
      await postgres.query('create table ledger as select generate_series(1, 1001) as entry')
    }
    await untilReady()
  },
)

test('of a server that is down it is refused with the steps to do it by hand, and these bring it back', async () => {
  const { dataDirectory } = postgres
  const before = await dropLedger()
  const pid = postmaster()!
  process.kill(pid, 'SIGINT')
  await waitFor('the server to end', () => !isAlive(pid))
  for (const how of ['--dry-run', '--yes']) {
    const { status, stdout, stderr } = await backup('restore', '--in-place', '--to', before, how)
    expect(status).toBe(1)
    expect(`${stdout}${stderr}`).toContain(`--into ${dataDirectory}.restored --node ${cluster}-1`)
    expect(`${stdout}${stderr}`).toContain(`mv ${dataDirectory}.restored ${dataDirectory}`)
  }
  const fresh = `${dataDirectory}.restored`
  await succeed('restore', '--into', fresh, '--to', before, '--yes')
  execFileSync('sh', ['-c', 'cp -p "$1"/*.conf "$2"/', 'sh', dataDirectory, fresh])
  renameSync(dataDirectory, `${dataDirectory}.before`)
  renameSync(fresh, dataDirectory)
  await postgres.start()
  expect(await entries()).toBe(1001)
  const [row] = await postgres.query(
    `select current_setting('archive_mode') as archives, pg_is_in_recovery() as recovers`,
  )
  expect(row).toEqual({ archives: 'on', recovers: false })
  rmSync(`${dataDirectory}.before`, { recursive: true })
})
