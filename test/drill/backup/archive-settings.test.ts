import { chmodSync, chownSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPostgres, startStandby } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { allowAgents, cluster, startBackupHerd } from './backup-herd.ts'
import type { BackupHerd, Member } from './backup-herd.ts'

/** A server that archives nothing, as after its installation, and how it comes to archive by the policy. */
const owned = new AsyncDisposableStack()
let herd: BackupHerd
let postgres: PostgresServer
let standby: PostgresServer
let member: Member
let repository: string

beforeAll(async () => {
  herd = owned.use(await startBackupHerd())
  repository = herd.inside('repository')
  postgres = owned.use(await startPostgres({ major: 15, settings: { archive_mode: 'off' } }))
  await allowAgents(postgres)
  standby = owned.use(await startStandby(postgres, { name: 'pg-main-2', settings: { archive_mode: 'off' } }))
  const policy = {
    repositories: [{ kind: 'local', path: repository, shared: true, retention: { full: 2 } }],
    archive: { timeout: '8s' },
  }
  member = await herd.addMember({ seq: 1, postgres, policy })
  await herd.addMember({ seq: 2, postgres: standby, policy })
  await waitFor(
    'both agents follow the policy, and the collector knows the primary',
    async () => {
      const ready = await Promise.all([prepare('--dry-run'), prepare('--dry-run', '--node', 'pg-main-2')])
      return ready.every(({ stdout, stderr }) => `${stdout}${stderr}`.includes('archive_mode'))
    },
    { timeoutMs: 60_000, explain: () => member.agent.logTail(10) },
  )
}, 120_000)

afterAll(() => owned.disposeAsync(), 60_000)

const prepare = (...args: readonly string[]) => herd.agentctl('backup', 'prepare', cluster, ...args)
const succeed = (...args: readonly string[]) => herd.succeed('backup', 'prepare', cluster, ...args)

function autoConf({ dataDirectory }: PostgresServer): string {
  return readFileSync(join(dataDirectory, 'postgresql.auto.conf'), 'utf8')
}

async function settingOf(server: PostgresServer, name: string): Promise<string> {
  const [row] = await server.query('select current_setting($1) as value', [name])
  return String(row?.['value'])
}

async function setByHand(command: string): Promise<void> {
  await postgres.query(`alter system set archive_command = '${command}'`)
  await postgres.query('select pg_reload_conf()')
  await waitFor('it is read', async () => (await settingOf(postgres, 'archive_command')) === command)
}

/** No segment can come into the archive until its directories are given back, though everything can be read. */
function takeArchive(): Disposable {
  const directories = globSync(join(repository, 'archive', cluster, '15-1', '{,*}'), { withFileTypes: true })
    .filter((one) => one.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name))
  const { uid, gid } = unprivilegedOwner() ?? { uid: 0, gid: 0 }
  for (const path of directories) {
    chownSync(path, 0, 0)
    chmodSync(path, 0o755)
  }
  return { [Symbol.dispose]: () => directories.forEach((path) => chownSync(path, uid, gid)) }
}

test('an agent that may only look is refused, tells what it takes and what it would be by hand, and changes nothing', async () => {
  const { status, stdout, stderr } = await prepare('--yes')
  const said = `${stdout}${stderr}`
  expect(status, said).toBe(3)
  expect(said).toContain('GRANT SELECT ON pg_file_settings TO pgherd')
  expect(said).toContain(
    'GRANT ALTER SYSTEM ON PARAMETER archive_mode, archive_command TO pgherd; GRANT EXECUTE ON FUNCTION pg_reload_conf() TO pgherd',
  )
  expect(said).toContain(
    `Who has the rights does it by: ALTER SYSTEM SET "archive_mode" = 'on'; ALTER SYSTEM SET "archive_command" = `,
  )
  expect(autoConf(postgres)).not.toContain('archive')
})

test('with these rights it sets what is missing, restarts nothing, and says which restart is left', async () => {
  await postgres.query(`
    grant alter system on parameter wal_level, archive_mode, archive_command, archive_library to pgherd;
    grant execute on function pg_reload_conf(), pg_show_all_file_settings() to pgherd;
    grant select on pg_file_settings to pgherd`)
  const { pid } = postgres
  const plan = await succeed('--dry-run')
  expect(plan).toContain('sets archive_mode to on (was off')
  expect(plan).toContain('the server is never restarted')
  expect(plan).toContain('tried beside the running server, which would start with this')
  expect(plan).toContain('left to do: Restart PostgreSQL of pg-main-1')
  expect(autoConf(postgres)).not.toContain('archive')

  const said = await succeed('--yes')
  expect(said).toContain('Restart PostgreSQL of pg-main-1')
  expect(said).toContain('one standby has settings of its own')
  expect(autoConf(postgres)).toContain(`archive_mode = 'on'`)
  expect(await settingOf(postgres, 'archive_mode')).toBe('off')
  expect(postgres.pid).toBe(pid)
  expect(await succeed('--dry-run')).toContain('archive_mode is set to on already and waits for a restart')
})

test('no restart is asked for while the server would not come back from it', async () => {
  await postgres.query(`alter system set shared_preload_libraries = 'nowhere'`)
  const { status, stderr } = await prepare('--yes')
  expect(status, stderr).toBe(3)
  expect(stderr).toContain(
    'the server would not start again as its files are now: shared_preload_libraries: could not access file "nowhere"',
  )
  await postgres.query('alter system reset shared_preload_libraries')
  expect(await succeed('--dry-run')).toContain('left to do: Restart PostgreSQL of pg-main-1')
})

test('after the restart the same command proves that a segment arrives', async () => {
  await postgres.stop()
  await postgres.start()
  await waitFor(
    'it can be backed up',
    async () => {
      const { status, stdout } = await prepare('--yes')
      return status === 0 && stdout.includes(`${cluster} can be backed up`)
    },
    { timeoutMs: 30_000, explain: () => member.agent.logTail(10) },
  )
  expect(await settingOf(postgres, 'archive_command')).toContain(`--stanza=${cluster} archive-push "%p"`)
  await herd.succeed('backup', 'run', cluster, '--type', 'full', '--yes')
})

test('what is restored beside it does not archive, though its backup has the settings that were made', async () => {
  const into = join(herd.inside('restored'), 'data')
  await herd.succeed('backup', 'restore', cluster, '--target', 'immediate', '--into', into, '--yes')
  const text = readFileSync(join(into, 'postgresql.auto.conf'), 'utf8')
  // The last line is the one that counts.
  expect(text.match(/^archive_mode = .*$/gm)).toEqual([`archive_mode = 'on'`, `archive_mode = 'off'`])
})

test('a standby sets its own server, and leaves stanza and proof to the primary', async () => {
  const said = await succeed('--yes', '--node', 'pg-main-2')
  expect(said).toContain('Restart PostgreSQL of pg-main-2')
  expect(autoConf(standby)).toContain(`archive_mode = 'on'`)
  await standby.stop()
  await standby.start()
  await waitFor(
    'the rest is right',
    async () => {
      const { status, stdout } = await prepare('--yes', '--node', 'pg-main-2')
      return (
        status === 0 && stdout.includes('pg-main-2 is a standby, and archives by the policy once it leads')
      )
    },
    { timeoutMs: 30_000 },
  )
})

test("somebody else's archive_command ends only when that is said, and is in the answer", async () => {
  await setByHand('/bin/true # the old way')
  const refused = await prepare('--yes')
  expect(refused.status).toBe(3)
  expect(refused.stderr).toContain('archive_command is /bin/true # the old way, which somebody else has set')
  expect(refused.stderr).toContain('ends only by --replace-archiver')
  expect(refused.stderr).not.toContain('ALTER SYSTEM SET')
  expect(await settingOf(postgres, 'archive_command')).toBe('/bin/true # the old way')
  const said = await succeed('--yes', '--replace-archiver')
  expect(said).toContain('was /bin/true # the old way in')
  expect(said).toContain('a segment of WAL came through to the archive')
})

test('no segment arrives: the command of before archives again', async () => {
  await setByHand('/bin/true')
  using stack = new DisposableStack()
  stack.use(takeArchive())
  const { status, stdout, stderr } = await prepare('--yes', '--replace-archiver')
  expect(status, stdout).toBe(1)
  expect(`${stdout}${stderr}`).toContain('archive_command is as before')
  expect(await settingOf(postgres, 'archive_command')).toBe('/bin/true')
})

test('the agent is killed while it waits for the segment: its next start puts the command of before back', async () => {
  await setByHand('/bin/true')
  using stack = new DisposableStack()
  stack.use(takeArchive())
  const asked = prepare('--yes', '--replace-archiver')
  await waitFor(
    'the command is another',
    async () => (await settingOf(postgres, 'archive_command')) !== '/bin/true',
  )
  await member.agent.kill()
  await member.agent.start()
  await waitFor(
    'the command is back',
    async () => (await settingOf(postgres, 'archive_command')) === '/bin/true',
    {
      timeoutMs: 30_000,
      explain: () => member.agent.logTail(10),
    },
  )
  const { status, stdout, stderr } = await asked
  expect(status).toBe(1)
  expect(`${stdout}${stderr}`).toMatch(/The agent ended while it ran; archive_command is as before/)
})
