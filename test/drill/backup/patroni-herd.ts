import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { BackupRun } from '../../../common/backup/backup-run.ts'
import { backupsOfClusterAnswer } from '../../../common/backup/backup-view.ts'
import { findProgram } from '../../../testbed/find-program.ts'
import { startFleet } from '../../../testbed/fleet.ts'
import type { Fleet } from '../../../testbed/fleet.ts'
import { startHaCluster } from '../../../testbed/ha/cluster.ts'
import type { HaCluster } from '../../../testbed/ha/cluster.ts'
import type { Member, MemberFiles } from '../../../testbed/ha/member.ts'
import { startMemberAgent } from '../../../testbed/ha/member-agent.ts'
import { changePatroniFile } from '../../../testbed/ha/patroni-file.ts'
import { createHold } from '../../../testbed/hold.ts'
import type { Hold } from '../../../testbed/hold.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import type { PgherdProcess } from '../../../testbed/pgherd.ts'
import type { CommandResult } from '../../../testbed/run-command.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { noGuard } from './backup-herd.ts'

/** Three hosts with Patroni, whose agents do backup work by a policy into one repository, and their operator. */
export interface PatroniHerd extends AsyncDisposable {
  readonly cluster: HaCluster
  readonly fleet: Fleet
  readonly repository: string
  agentOf(member: Member): PgherdProcess
  /** Of what the member's agent does with files. */
  holdOf(member: Member): Hold
  /** The ins label of a member. */
  readonly nodeOf: (member: Member) => string
  /** pgBackRest's, at one path on all hosts and another file on each. */
  readonly configFile: string
  leader(): Promise<Member>
  /** `agentctl backup OPERATION` for one member. */
  backup(member: Member, operation: string, ...args: readonly string[]): Promise<CommandResult>
  /** @throws Error unless it ends with 0, with the logs */
  succeed(member: Member, operation: string, ...args: readonly string[]): Promise<string>
  /** The newest first. */
  runs(): Promise<readonly BackupRun[]>
  untilRun(what: string, fits: (run: BackupRun) => boolean, timeoutMs?: number): Promise<BackupRun>
  readonly explain: () => string
}

export interface PatroniHerdOptions {
  readonly scope: string
  /** Of the cluster, beside what belongs to the host. */
  readonly policyOf?: (cluster: HaCluster, member: Member) => Readonly<Record<string, unknown>>
  /** Whether each member's own file has the archive settings of the policy from the start; true unless told. */
  readonly archives?: boolean
  /** Done when the cluster runs and no agent does. */
  readonly prepare?: (cluster: HaCluster) => Promise<void>
}

export const pgbackrest = findProgram('pgbackrest') ?? 'pgbackrest'

export async function startPatroniHerd({
  scope,
  policyOf,
  archives = true,
  prepare,
}: PatroniHerdOptions): Promise<PatroniHerd> {
  await using stack = new AsyncDisposableStack()
  const owner = unprivilegedOwner()
  const shared = stack.use(createOwnDirectory({ prefix: 'pgherd-patroni-herd-' }, owner))
  const repository = createOwnDirectory({ path: join(shared.path, 'repository') }, owner).path
  const etc = createOwnDirectory({ path: join(shared.path, 'etc') }, owner).path
  const configFile = join(etc, 'pgbackrest.conf')
  const inside = (member: Member, name: string): string => {
    createOwnDirectory({ path: join(shared.path, member.name) }, owner)
    return createOwnDirectory({ path: join(shared.path, member.name, name) }, owner).path
  }
  const archive = (member: MemberFiles): void => {
    const command = `${pgbackrest} --config=${configFile} --stanza=${scope} archive-push "%p"`
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
      ...(archives ? { beforePatroni: (members) => members.forEach(archive) } : {}),
    }),
  )
  await prepare?.(cluster)
  const { path: directory } = stack.use(createOwnDirectory({ prefix: 'pgherd-patroni-fleet-' }))
  const fleet = stack.use(await startFleet({ directory, address: cluster.rootAddress }))
  const agents = new Map<Member, { readonly agent: PgherdProcess; readonly hold: Hold }>()
  for (const member of cluster.members) {
    const home = join(member.directory, 'agent')
    mkdirSync(home, { recursive: true })
    const rules = 'rules: [{ kinds: [read, change, destructive] }]\n'
    writeFileSync(join(home, 'policy.yaml'), rules, { mode: 0o600 })
    await member.host.mustRun('mount', ['--bind', inside(member, 'etc'), etc])
    const policy = {
      config_file: configFile,
      log_path: inside(member, 'log'),
      lock_path: inside(member, 'lock'),
      archive: { async: false, spool_path: inside(member, 'spool') },
      repositories: [{ kind: 'local', path: repository, shared: true, retention: { full: 2 } }],
      compression: { type: 'lz4' },
      guard: noGuard,
      ...policyOf?.(cluster, member),
    }
    const policyFile = join(home, 'backup.yaml')
    writeFileSync(policyFile, stringify({ clusters: { [scope]: policy } }))
    const extraConfig = {
      neighbours: [{ kind: 'patroni', config_file: member.patroniFile }, { kind: 'etcd' }],
      'backup.policy_file': policyFile,
      'backup.command': [pgbackrest],
    }
    const hold = createHold(home)
    const { environment } = hold
    const agent = stack.use(await startMemberAgent({ fleet, cluster, member, extraConfig, environment }))
    agents.set(member, { agent, hold })
  }
  const herd: Omit<PatroniHerd, typeof Symbol.asyncDispose> = {
    ...{ cluster, fleet, repository, configFile },
    agentOf: (member) => agents.get(member)!.agent,
    holdOf: (member) => agents.get(member)!.hold,
    nodeOf: (member) => `${scope}-${cluster.members.indexOf(member) + 1}`,
    leader: () => cluster.waitForPrimary(),
    backup: (member, operation, ...args) =>
      fleet.operator.agentctl('backup', operation, scope, '--node', herd.nodeOf(member), ...args),
    async succeed(member, operation, ...args) {
      const { status, stdout, stderr } = await herd.backup(member, operation, ...args)
      if (status === 0) return stdout
      throw new Error(
        `backup ${operation} ended with ${status ?? '?'}: ${stderr}\n${stdout}\n${herd.explain()}`,
      )
    },
    async runs() {
      const answer = await fetch(`${fleet.collector.url}/api/v1/backups/${scope}`)
      const { data } = backupsOfClusterAnswer.safeParse(await answer.json())
      return data?.data.runs ?? []
    },
    untilRun: (what, fits, timeoutMs = 120_000) =>
      waitFor(what, async () => (await herd.runs()).find(fits), {
        timeoutMs,
        intervalMs: 100,
        explain: herd.explain,
      }),
    explain: () =>
      [...[...agents.values()].map(({ agent }) => agent.logTail(10)), cluster.explain()].join('\n'),
  }
  const kept = stack.move()
  return { ...herd, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** Until its agent has made the stanza. */
export async function prepareBackups(herd: PatroniHerd, leader: Member): Promise<void> {
  let said = ''
  await waitFor(
    'the agent backs up',
    async () => {
      const { status, stdout, stderr } = await herd.backup(leader, 'prepare', '--yes')
      said = `${stdout}${stderr}`
      return status === 0
    },
    { timeoutMs: 60_000, explain: () => `${said}\n${herd.explain()}` },
  )
}

export function untilArchived(server: Member): Promise<boolean> {
  return waitFor('the segment is archived', async () => {
    const [waiting] = await server.query<{ ready: string }>(
      `select count(*) as ready from pg_ls_archive_statusdir() where name like '%.ready'`,
    )
    return Number(waiting?.ready) === 0
  })
}

/** A backup of a table `ledger` with 1,000 rows, which is then dropped. @returns a moment between the two, as PostgreSQL writes it */
export async function loseLedger(herd: PatroniHerd, leader: Member): Promise<string> {
  await leader.query('create table ledger as select generate_series(1, 1000) as entry')
  await prepareBackups(herd, leader)
  await herd.succeed(leader, 'run', '--type', 'full', '--yes')
  const endedMs = Date.now()
  // A backup's end is known to the second, and its target must be behind it.
  await waitFor('the next second', () => Date.now() > endedMs + 2_000)
  const [row] = await leader.query<{ before: string }>('select now()::text as before')
  await leader.query('drop table ledger')
  await leader.query('select pg_switch_wal()')
  await untilArchived(leader)
  return row!.before
}
