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
    let file: { readonly mistakes: readonly string[]; readonly isWrong: boolean } = {
      mistakes: [],
      isWrong: false,
    }
    const reload = async (): Promise<boolean> => {
      const read = await readPolicyFile(config)
      file = { mistakes: read.mistakes, isWrong: read.policies === undefined }
      logMistakes(log, config['backup.policy_file'], read, members.all().length > 0)
      if (read.policies === undefined) return false
      members.replace(read.policies)
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
        () => file,
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

interface ReadFile {
  /** Undefined for a file with mistakes; without a file there are none. */
  readonly policies: ReadonlyMap<string, BackupPolicy> | undefined
  /** Why there is no policy of this host, or no new one. */
  readonly mistakes: readonly string[]
}

async function readPolicyFile(config: AgentConfig): Promise<ReadFile> {
  const path = config['backup.policy_file']
  const missing = { policies: new Map(), mistakes: [`${path} is not there`] }
  // Most hosts have none, and then nothing is started to ask for a version.
  if (!existsSync(path)) return missing
  const clusters = serversOf(config).map((server) => serverOptions(config, server).identity.cluster)
  const read = await loadPolicies(path, clusters, {
    processors: availableParallelism(),
    engineVersion: await engineVersion(config['backup.command']),
    dataDirectory: () => null,
  })
  if (read === undefined) return missing
  if (read.policies === undefined) return { policies: undefined, mistakes: read.problems }
  const isNobodys = read.policies.size === 0
  return {
    policies: read.policies,
    mistakes: isNobodys ? [`${path} has no policy of ${[...new Set(clusters)].join(' or ')}`] : [],
  }
}

/** A host that never had a policy is no news; one whose policies end is. */
function logMistakes(log: Log, path: string, { policies, mistakes }: ReadFile, hadPolicies: boolean): void {
  for (const one of mistakes) {
    if (policies === undefined) log.error({ path }, `backup: ${one}`)
    else if (hadPolicies) log.warn({ path }, `backup: ${one}: no backups are made any more`)
    else if (existsSync(path)) log.warn({ path }, `backup: ${one}: no backups are made`)
  }
}
