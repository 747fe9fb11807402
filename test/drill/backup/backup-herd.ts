import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { BackupOperation, BackupRun } from '../../../common/backup/backup-run.ts'
import { backupsOfClusterAnswer } from '../../../common/backup/backup-view.ts'
import type { ClusterBackups } from '../../../common/backup/backup-view.ts'
import type { MovableClock } from '../../../testbed/backup/movable-clock.ts'
import { findProgram } from '../../../testbed/find-program.ts'
import { startFleet } from '../../../testbed/fleet.ts'
import type { Fleet } from '../../../testbed/fleet.ts'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import type { ExtraConfig, PgherdProcess } from '../../../testbed/pgherd.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import type { startChild } from '../../../testbed/process.ts'
import type { CommandResult } from '../../../testbed/run-command.ts'
import { unprivilegedOwner } from '../../../testbed/unprivileged.ts'
import { waitFor } from '../../../testbed/wait.ts'

export const cluster = 'pg-main'

/** A collector, an operator, and agents that do backup work by a policy; each as a process of its own. */
export interface BackupHerd extends AsyncDisposable {
  readonly fleet: Fleet
  /** An existing directory of the servers' user, made when it is asked for first. */
  inside(name: string): string
  /** PostgreSQL's settings for a member, whose archive_command needs its configuration file before that is there. */
  archiveSettings(seq: number): Readonly<Record<string, string>>
  addMember(options: MemberOptions): Promise<Member>
  /** What the collector has been told. @throws Error before the first report */
  backups(): Promise<ClusterBackups>
  /** The newest first. */
  runs(operation?: BackupOperation): Promise<readonly BackupRun[]>
  agentctl(...args: readonly string[]): Promise<CommandResult>
  /** Its standard output. @throws Error unless it ends with 0 */
  succeed(...args: readonly string[]): Promise<string>
  /** Waits for a run that fits; the newest of them. */
  untilRun(what: string, fits: (run: BackupRun) => boolean, timeoutMs?: number): Promise<BackupRun>
}

export interface MemberOptions {
  readonly seq: number
  readonly postgres: PostgresServer
  /** Of the cluster, beside what belongs to the host: paths of files, locks and drills. */
  readonly policy: Readonly<Record<string, unknown>>
  readonly spawn?: typeof startChild
  /** Runs pgBackRest, which is its last arguments. */
  readonly wrapper?: readonly string[]
  /** Of pgBackRest, in place of the true one. */
  readonly clock?: Pick<MovableClock, 'environment'>
  readonly extraConfig?: ExtraConfig
}

export interface Member {
  readonly agent: PgherdProcess
  readonly configFile: string
  readonly drillDirectory: string
  /** Takes another policy; the agent reads it when it starts again. */
  writePolicy(policy: Readonly<Record<string, unknown>>): void
}

/** The schedule of each day at a moment; its window is then open, and the next is tomorrow. */
export function dailyAt(moment: Date): string {
  return `${moment.getUTCMinutes()} ${moment.getUTCHours()} * * *`
}

/** What the guard of a policy says so that a busy machine holds nothing back. */
export const noGuard = { load_per_cpu: 'none', lag: 'none', io_pressure_percent: 'none' }

/** A backup of it takes some seconds for a small database: one process that compresses as hard as it can. */
export const slowly = { compression: { type: 'gz', level: 9 }, process_max: 1 }

export async function startBackupHerd(
  options: {
    /** Of the collector, in place of those that come with pgherd. */
    readonly rulesFile?: string
  } = {},
): Promise<BackupHerd> {
  await using stack = new AsyncDisposableStack()
  const owner = unprivilegedOwner()
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-backup-herd-'))
  stack.defer(() => rmSync(directory, { recursive: true, force: true }))
  const { path: own } = stack.use(createOwnDirectory({ prefix: 'pgherd-backup-own-' }, owner))
  const made = new Map<string, string>()
  const inside = (name: string): string => {
    const path = made.get(name) ?? createOwnDirectory({ path: join(own, name) }, owner).path
    made.set(name, path)
    return path
  }
  const configFileOf = (seq: number): string => join(inside(`member-${seq}`), 'pgbackrest.conf')
  const pgbackrest = findProgram('pgbackrest') ?? 'pgbackrest'
  const { rulesFile } = options
  const fleet = stack.use(
    await startFleet({
      directory,
      operatorName: 'alice',
      ...(rulesFile === undefined ? {} : { extraConfig: { 'rules.files': [rulesFile] } }),
    }),
  )
  const members = stack.use(new AsyncDisposableStack())
  const agents: PgherdProcess[] = []
  const explain = (): string => agents.map((agent) => agent.logTail(12)).join('\n')

  const herd: Omit<BackupHerd, typeof Symbol.asyncDispose> = {
    fleet,
    inside,
    archiveSettings: (seq) => ({
      archive_mode: 'on',
      archive_command: `${pgbackrest} --config=${configFileOf(seq)} --stanza=${cluster} archive-push "%p"`,
    }),
    async addMember({ seq, postgres, policy, spawn, wrapper = [], clock, extraConfig }) {
      const at = (name: string): string => inside(join(`member-${seq}`, name))
      inside(`member-${seq}`)
      const home = join(directory, `agent-${seq}`)
      mkdirSync(home)
      const policyFile = join(home, 'backup.yaml')
      const ofPgBackRest = { config_file: configFileOf(seq), log_path: at('log'), lock_path: at('lock') }
      const drillDirectory = at('drill')
      const spoolPath = at('spool')
      const writePolicy: Member['writePolicy'] = ({ drill = {}, archive = {}, ...rest }) => {
        const ofEngine =
          rest['engine'] === 'pg_basebackup'
            ? {}
            : { ...ofPgBackRest, archive: { async: false, spool_path: spoolPath, ...(archive as object) } }
        const whole = {
          ...ofEngine,
          guard: noGuard,
          drill: { directory: drillDirectory, keep_free_percent: 1, ...(drill as object) },
          ...rest,
        }
        writeFileSync(policyFile, stringify({ clusters: { [cluster]: whole } }))
      }
      writePolicy(policy)
      writeFileSync(join(home, 'policy.yaml'), 'rules:\n  - kinds: [read, change, destructive]\n')
      const agent = await fleet.addAgent({
        directory: home,
        cluster,
        seq,
        postgresUrl: postgres.url('postgres', 'pgherd'),
        interval: '5s',
        extraConfig: {
          'scrape.timeout': '4s',
          'backup.policy_file': policyFile,
          'backup.command': [...withClock(clock), ...wrapper, pgbackrest],
          ...extraConfig,
        },
        ...(spawn === undefined ? {} : { spawn }),
      })
      agents.push(members.use(agent))
      return { agent, configFile: configFileOf(seq), drillDirectory, writePolicy }
    },
    async backups() {
      const answer = await fetch(`${fleet.collector.url}/api/v1/backups/${cluster}`)
      return backupsOfClusterAnswer.parse(await answer.json()).data
    },
    async runs(operation) {
      const all = await herd.backups().then(
        (view) => view.runs,
        () => [],
      )
      return operation === undefined ? all : all.filter((run) => run.operation === operation)
    },
    agentctl: (...args) => fleet.operator.agentctl(...args),
    async succeed(...args) {
      const { status, stdout, stderr } = await herd.agentctl(...args)
      if (status === 0) return stdout
      throw new Error(`${args.join(' ')} ended with ${status ?? '?'}: ${stderr}\n${stdout}\n${explain()}`)
    },
    untilRun: (what, fits, timeoutMs = 60_000) =>
      waitFor(what, async () => (await herd.runs()).find(fits), { timeoutMs, intervalMs: 100, explain }),
  }
  const kept = stack.move()
  return { ...herd, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** pgBackRest gets no environment of the agent's. */
function withClock(clock: MemberOptions['clock']): readonly string[] {
  if (clock === undefined) return []
  return ['env', ...Object.entries(clock.environment).map(([name, value]) => `${name}=${value}`)]
}

/** The role that agents measure as. */
export async function allowAgents(postgres: PostgresServer): Promise<void> {
  await postgres.query('create role pgherd login')
  await postgres.query('grant pg_monitor to pgherd')
}
