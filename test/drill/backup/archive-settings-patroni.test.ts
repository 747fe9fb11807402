import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Member } from '../../../testbed/ha/member.ts'
import { changePatroniFile } from '../../../testbed/ha/patroni-file.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { startPatroniHerd } from './patroni-herd.ts'
import type { PatroniHerd } from './patroni-herd.ts'

/** Patroni writes the files of its servers: archive settings are made in its configuration, for all members at once. */
const scope = 'ha-archive'
const owned = new AsyncDisposableStack()
let herd: PatroniHerd
let leader: Member

beforeAll(async () => {
  herd = owned.use(await startPatroniHerd({ scope, archives: false }))
  leader = await herd.leader()
  await leader.query(`grant execute on function pg_show_all_file_settings() to monitor`)
  await leader.query(`grant select on pg_file_settings to monitor`)
}, 240_000)

afterAll(() => owned.disposeAsync(), 60_000)

const prepare = (...args: readonly string[]) => herd.backup(leader, 'prepare', ...args)

/** What Patroni has for all members. */
async function parameters(): Promise<Readonly<Record<string, unknown>>> {
  const answer = await fetch(`${leader.patroniUrl}/config`)
  const config = (await answer.json()) as { postgresql: { parameters: Record<string, unknown> } }
  return config.postgresql.parameters
}

/** Of the file, also while archive_mode is off. */
async function commandOf(member: Member): Promise<string | null | undefined> {
  const rows = await member.query<{ setting: string | null }>(
    `select setting from pg_file_settings where name = 'archive_command' order by seqno desc limit 1`,
  )
  return rows[0]?.setting
}

async function isPending(member: Member): Promise<boolean> {
  const rows = await member.query(`select from pg_settings where name = 'archive_mode' and pending_restart`)
  return rows.length === 1
}

/** In the member's own file, which wins over what all have. */
async function setInOwnFile(command: string | undefined): Promise<void> {
  changePatroniFile(leader, (config) => {
    const postgresql = config['postgresql'] as { parameters?: Record<string, unknown> }
    const others = Object.entries(postgresql.parameters ?? {}).filter(([name]) => name !== 'archive_command')
    const own = command === undefined ? {} : { archive_command: command }
    const parameters = { ...Object.fromEntries(others), ...own }
    return { ...config, postgresql: { ...postgresql, parameters } }
  })
  leader.patroni.signal('SIGHUP')
  await waitFor('Patroni has written it', async () => (await commandOf(leader)) === command, {
    timeoutMs: 20_000,
    explain: herd.explain,
  })
}

async function untilFollowed(): Promise<string> {
  let said = ''
  await waitFor(
    'the agent follows the policy',
    async () => {
      const { status, stdout, stderr } = await prepare('--dry-run')
      said = `${stdout}${stderr}`
      return status === 0 || said.includes('archive_mode')
    },
    { timeoutMs: 60_000, explain: () => `${said}\n${herd.explain()}` },
  )
  return said
}

test("the plan names Patroni's configuration, and takes no rights in the server but to look", async () => {
  const plan = await untilFollowed()
  expect(plan).toContain(`sets them in the configuration of Patroni of ${scope}, for every member`)
  expect(plan).not.toContain('REFUSED')
  expect(plan).toContain('tried beside the running server, which would start with this')
  expect(await parameters()).not.toHaveProperty('archive_mode')
})

test("a member's own file wins: the server does not take it, and Patroni's configuration is as before", async () => {
  await setInOwnFile('/bin/true')
  const before = await parameters()
  const { status, stdout, stderr } = await prepare('--yes', '--replace-archiver')
  const said = `${stdout}${stderr}`
  expect(status, said).toBe(1)
  expect(said).toMatch(/the server has not taken it within .*its own file of Patroni wins/s)
  expect(said).toContain('archive_command, archive_mode are as before')
  expect(await parameters()).toEqual(before)
  await setInOwnFile(undefined)
})

test('every member follows, and which restart is left is said', async () => {
  const pids = herd.cluster.members.map((member) => member.postmasterPid())
  const said = await herd.succeed(leader, 'prepare', '--yes')
  expect(said).toContain(`agentctl ha restart ${scope} ${herd.nodeOf(leader)} --pending`)
  expect(said).toContain('which every member follows, with a restart of its own')
  for (const member of herd.cluster.members) {
    await waitFor(
      `${member.name} has it`,
      async () => (await isPending(member)) && (await commandOf(member)) != null,
      {
        timeoutMs: 30_000,
        explain: herd.explain,
      },
    )
  }
  expect(herd.cluster.members.map((member) => member.postmasterPid())).toEqual(pids)
})

test('after the restart that was named a segment arrives, and a second time nothing is to be done', async () => {
  const { status, stderr } = await herd.fleet.operator.agentctl(
    ...['ha', 'restart', scope, herd.nodeOf(leader), '--pending', '--force', '--yes'],
  )
  expect(status, stderr).toBe(0)
  let said = ''
  await waitFor(
    'a segment comes through',
    async () => {
      const { stdout, stderr: why } = await prepare('--yes')
      said = `${stdout}${why}`
      return said.includes('a segment of WAL came through to the archive')
    },
    { timeoutMs: 60_000, explain: () => `${said}\n${herd.explain()}` },
  )
  expect(await herd.succeed(leader, 'prepare', '--dry-run')).toContain(
    'the settings of the server are as they are to be',
  )
})

test('a line of ALTER SYSTEM would hide what Patroni has, and is told', async () => {
  await leader.query(`alter system set archive_command = '/bin/true'`)
  await leader.query('select pg_reload_conf()')
  await waitFor('it is read', async () => (await commandOf(leader)) === '/bin/true')
  const { status, stderr } = await prepare('--yes', '--replace-archiver')
  expect(status).toBe(3)
  expect(stderr).toContain('ALTER SYSTEM RESET archive_command')
})
