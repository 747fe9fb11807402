import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { stringify } from 'yaml'
import { findProgram } from '../../../testbed/find-program.ts'
import { startFleet } from '../../../testbed/fleet.ts'
import { startHaCluster } from '../../../testbed/ha/cluster.ts'
import type { MemberFiles } from '../../../testbed/ha/member.ts'
import { letsWrite } from '../../../testbed/ha/cluster-view.ts'
import { startMemberAgent } from '../../../testbed/ha/member-agent.ts'
import { readCluster } from '../../../testbed/ha/patroni-api.ts'
import { changePatroniFile } from '../../../testbed/ha/patroni-file.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { waitFor } from '../../../testbed/wait.ts'

const scope = 'ha-in-place'
const pgbackrest = findProgram('pgbackrest') ?? 'pgbackrest'

test('with Patroni a dropped table comes back, the replicas stream on the new timeline, and clients write through HAProxy', async () => {
  await using stack = new AsyncDisposableStack()
  onTestFinished(() => stack.disposeAsync())
  const shared = stack.use(createOwnDirectory({ prefix: 'pgherd-in-place-ha-' }, unprivilegedOwner()))
  const repository = createOwnDirectory({ path: join(shared.path, 'repository') }, unprivilegedOwner()).path
  const placeOf = ({ name }: MemberFiles): string => join(shared.path, name)
  const archive = (member: MemberFiles): void => {
    createOwnDirectory({ path: placeOf(member) }, unprivilegedOwner())
    const command = `${pgbackrest} --config=${placeOf(member)}/pgbackrest.conf --stanza=${scope} archive-push "%p"`
    changePatroniFile(member, (config) => {
      const postgresql = config['postgresql'] as { parameters: object }
      const parameters = { ...postgresql.parameters, archive_mode: 'on', archive_command: command }
      return { ...config, postgresql: { ...postgresql, parameters } }
    })
  }
  const cluster = stack.use(
    await startHaCluster({
      scope,
      dataFolder: 'pg',
      dataMegabytes: 1024,
      beforePatroni: (members) => members.forEach(archive),
    }),
  )
  const { path: directory } = stack.use(createOwnDirectory({ prefix: 'pgherd-in-place-fleet-' }))
  const fleet = stack.use(await startFleet({ directory, address: cluster.rootAddress }))
  const agents = []
  for (const member of cluster.members) {
    const home = join(member.directory, 'agent')
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'policy.yaml'), 'rules: [{ kinds: [read, change, destructive] }]\n', {
      mode: 0o600,
    })
    const inside = (name: string): string =>
      createOwnDirectory({ path: join(placeOf(member), name) }, unprivilegedOwner()).path
    const policy = {
      config_file: join(placeOf(member), 'pgbackrest.conf'),
      log_path: inside('log'),
      lock_path: inside('lock'),
      archive: { async: false, spool_path: inside('spool') },
      repositories: [{ kind: 'local', path: repository, shared: true, retention: { full: 2 } }],
      compression: { type: 'lz4' },
    }
    const file = join(placeOf(member), 'backup.yaml')
    writeFileSync(file, stringify({ clusters: { [scope]: policy } }))
    const extraConfig = {
      neighbours: [{ kind: 'patroni', config_file: member.patroniFile }, { kind: 'etcd' }],
      'backup.policy_file': file,
      'backup.command': [pgbackrest],
    }
    agents.push(stack.use(await startMemberAgent({ fleet, cluster, member, extraConfig })))
  }
  const leaderName = (await readCluster(cluster.members[0]!.patroniUrl))?.find(
    ({ role }) => role === 'leader',
  )?.name
  const leader = cluster.members.find(({ name }) => name === leaderName)!
  const node = `${scope}-${cluster.members.indexOf(leader) + 1}`
  const agent = agents[cluster.members.indexOf(leader)]!
  const backup = (operation: string, ...args: readonly string[]) =>
    fleet.operator.agentctl('backup', operation, scope, '--node', node, ...args)
  const explain = (): string => `${agent.logTail(10)}\n${cluster.explain()}`
  const succeed = async (operation: string, ...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await backup(operation, ...args)
    expect(status, `${operation}: ${stderr}\n${stdout}\n${explain()}`).toBe(0)
    return stdout
  }
  await leader.query('create table ledger as select generate_series(1, 1000) as entry')
  let said = ''
  await waitFor(
    'the agent backs up',
    async () => {
      const { status, stdout, stderr } = await backup('prepare', '--yes')
      said = `${stdout}${stderr}`
      return status === 0
    },
    { timeoutMs: 60_000, explain: () => `${said}\n${explain()}` },
  )
  await succeed('run', '--type', 'full', '--yes')
  const endedMs = Date.now()
  // A backup's end is known to the second, and its target must be behind it.
  await waitFor('the next second', () => Date.now() > endedMs + 2_000)
  const [row] = await leader.query<{ before: string }>('select now()::text as before')
  await leader.query('drop table ledger')
  await leader.query('select pg_switch_wal()')
  await waitFor('the segment is archived', async () => {
    const [waiting] = await leader.query<{ ready: string }>(
      `select count(*) as ready from pg_ls_archive_statusdir() where name like '%.ready'`,
    )
    return Number(waiting?.ready) === 0
  })
  const out = await succeed('restore', '--in-place', '--to', row!.before, '--yes')
  expect(out.match(/was rebuilt in/g)).toHaveLength(2)
  expect((await leader.query('select from ledger')).length).toBe(1000)
  const members = await readCluster(leader.patroniUrl)
  expect(new Set(members?.map(({ timeline }) => timeline)).size).toBe(1)
  await waitFor('two replicas stream', async () => {
    const streaming = await leader.query(`select from pg_stat_replication where state = 'streaming'`)
    return streaming.length === 2
  })
  await waitFor('clients to write through HAProxy', () => letsWrite(cluster.haproxy), { explain })
}, 300_000)
