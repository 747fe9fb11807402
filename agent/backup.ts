import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import type { BackupPolicy } from '../common/backup/backup-policy.ts'
import type { BackupReport } from '../common/backup/backup-report.ts'
import type { Clock } from '../common/clock.ts'
import { PgherdError } from '../common/errors.ts'
import type { InstanceHealth } from '../common/health/instance-health.ts'
import { lockDirectory } from '../common/lock-directory.ts'
import type { Log } from '../common/log.ts'
import { makeDirectory } from '../common/make-directory.ts'
import type { Figure } from '../common/self-metrics.ts'
import type { BackupControls } from './actions/backup/controls.ts'
import { backupControls } from './backup-controls.ts'
import { drillFigures } from './backup/drill/drill-result.ts'
import { endScratch } from './backup/drill/end-scratch.ts'
import { userNamed } from './backup/drill/server-user.ts'
import { engineVersion } from './backup/engine/engine-version.ts'
import type { ClusterMember } from './backup/member/cluster-member.ts'
import { createMembers } from './backup/member/members.ts'
import { loadPolicies } from './backup/policy/load-policies.ts'
import { backupFigures } from './backup/report/backup-figures.ts'
import { durationFigures } from './backup/report/duration-figures.ts'
import { openKeptDirectories } from './backup/restore/in-place/kept-directories.ts'
import { endInterrupted } from './backup/runs/end-interrupted.ts'
import { openRunJournal } from './backup/runs/run-journal.ts'
import { askServer } from './backup/server/ask-server.ts'
import type { AgentConfig } from './config.ts'
import { serverOptions, serversOf } from './sources.ts'

/** The backup work of this host. */
export interface AgentBackups extends AsyncDisposable {
  readonly controls: BackupControls
  /** For the channel. */
  reports(): readonly BackupReport[]
  subscribe(listener: () => void): Disposable
  readonly figures: readonly Figure[]
  /** Reads the policy again; whether it has no mistakes. What runs goes on. */
  reload(): Promise<boolean>
  /** Until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>
}

/**
 * Opens the journal of runs, ends what a killed agent has left, and reads the policy. Measuring does not depend on it: what cannot be
 * opened is logged, and there is no backup work then. Undefined too where no server is watched.
 */
export async function openBackups(
  config: AgentConfig,
  options: {
    readonly clock: Clock
    readonly log: Log
    readonly health: ((server: string) => InstanceHealth | undefined) | undefined
  },
): Promise<AgentBackups | undefined> {
  const { clock, log } = options
  if (serversOf(config).length === 0) return undefined
  await using stack = new AsyncDisposableStack()
  try {
    const directory = config['backup.directory'] ?? join(dirname(config['spool.directory']), 'backup')
    makeDirectory(directory)
    stack.use(await lockDirectory(directory))
    const journal = await openRunJournal(join(directory, 'runs.json'), log)
    await endInterrupted(journal, { clock, log, cleanScratch: (place) => endScratch(place, clock) })
    const keptDirectories = await openKeptDirectories(join(directory, 'kept.json'))
    const named = config['backup.user']
    const user = named === undefined ? undefined : await userNamed(named)
    const listeners = new Set<() => void>()
    const members = createMembers({
      environmentOf: (cluster) => {
        const server = serversOf(config).find(
          (one) => serverOptions(config, one).identity.cluster === cluster,
        )
        if (server === undefined) return undefined
        const { identity, ...reached } = serverOptions(config, server)
        const node = `${identity.cluster}-${identity.seq}`
        return {
          node,
          address: identity.ip,
          ask: askServer(reached, clock),
          way: reached,
          health: () => options.health?.(node),
          journal,
          command: config['backup.command'],
          user,
          binDirectory: config['backup.bin_directory'],
          clock,
          log,
        }
      },
      onChange: () => {
        for (const listener of listeners) listener()
      },
    })
    const reload = async (): Promise<boolean> => {
      const read = await readPolicyFile(config, log)
      if (read === undefined) return false
      members.replace(read)
      return true
    }
    await reload()
    const all = (): readonly ClusterMember[] => members.all().map(({ member }) => member)
    const reports = () => all().flatMap((member) => member.report() ?? [])
    const opened = stack.move()
    return {
      controls: backupControls(
        members,
        {
          commands: { stop: config['backup.stop_command'], start: config['backup.start_command'] },
          keptDirectories,
        },
        clock,
      ),
      reports,
      subscribe(listener) {
        listeners.add(listener)
        return { [Symbol.dispose]: () => void listeners.delete(listener) }
      },
      figures: [
        ...backupFigures(reports),
        ...durationFigures(() => journal.runs()),
        ...drillFigures(() => all().flatMap((member) => member.drillResult() ?? [])),
      ],
      reload,
      run: (signal) => members.run(signal),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    }
  } catch (error) {
    if (!(error instanceof PgherdError)) throw error
    log.error({ code: error.code }, `backup: nothing is done: ${error.message}`)
    return undefined
  }
}

/** Undefined for a file with mistakes, each of which is logged; without a file there are no policies. */
async function readPolicyFile(
  config: AgentConfig,
  log: Log,
): Promise<ReadonlyMap<string, BackupPolicy> | undefined> {
  const path = config['backup.policy_file']
  // Most hosts have none, and then nothing is started to ask for a version.
  if (!existsSync(path)) return new Map()
  const clusters = serversOf(config).map((server) => serverOptions(config, server).identity.cluster)
  const read = await loadPolicies(path, clusters, {
    processors: availableParallelism(),
    engineVersion: await engineVersion(config['backup.command']),
    dataDirectory: () => null,
  })
  for (const problem of read?.problems ?? []) log.error({ path }, `backup: ${problem}`)
  return read === undefined ? new Map() : read.policies
}
