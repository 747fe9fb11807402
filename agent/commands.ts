import { dirname, join } from 'node:path'
import { openAuditChain } from '../common/audit/chain.ts'
import type { Clock } from '../common/clock.ts'
import { accessOf } from '../common/config/access-options.ts'
import { PgherdError } from '../common/errors.ts'
import { lockDirectory } from '../common/lock-directory.ts'
import type { Log } from '../common/log.ts'
import { makeDirectory } from '../common/make-directory.ts'
import type { AgentControls } from './actions/action.ts'
import type { BackupControls } from './actions/backup/controls.ts'
import type { TellSaved } from './actions/indexes/telling-ledger.ts'
import { startCommands } from './actions/commands.ts'
import type { Commands } from './actions/commands.ts'
import { openJournal } from './actions/journal/journal.ts'
import { kinds, kindsBeside } from './actions/kinds.ts'
import type { PatroniAccess } from './actions/patroni/access.ts'
import { createTargets } from './actions/targets.ts'
import type { Target, Targets } from './actions/targets.ts'
import { openTrustFiles } from './actions/trust.ts'
import type { TrustFilesOptions } from './actions/trust.ts'
import type { WatchdogControls } from './actions/watchdog/controls.ts'
import { targetsOf } from './command-targets.ts'
import type { AgentConfig } from './config.ts'
import { tuningDirectory } from './config/tuning-directory.ts'
import type { PoolerConfig, ServerConfig } from './config/postgres-options.ts'
import type { ConnectionSlots } from './postgres/connection-slots.ts'
import { identityOf } from './sources.ts'
import { openIndexWork } from './index-work.ts'
import type { AgentIndexWork } from './index-work.ts'
import { openTuneControls } from './tune-controls.ts'
import type { AgentTuneControls } from './tune-controls.ts'
import type { AgentTuning } from './tuning.ts'

/** The agent's commands with what they are made of. */
export interface AgentCommands extends AsyncDisposable {
  readonly port: Commands
  readonly targets: Targets
  /** Entries of the audit, and what was wrong with it at the start. */
  audit(): { readonly entries: number; readonly findings: number }
  readonly tuning: AgentTuneControls | undefined
  readonly indexes: AgentIndexWork | undefined
  /** Reads operators and policy again; whether neither has mistakes. */
  reload(): Promise<boolean>
}

/**
 * Opens journal and audit and begins to take commands. Measuring does not depend on it: what cannot be opened is
 * logged, and there are no commands then.
 */
export async function openCommands(
  config: AgentConfig,
  options: {
    readonly clock: Clock
    readonly log: Log
    readonly controls: AgentControls
    readonly backups?: BackupControls | undefined
    /** What this host's servers did. */
    readonly history?: Pick<AgentTuning, 'evidence'> | undefined
    readonly watchdogs?: WatchdogControls | undefined
    readonly tellSaved: TellSaved
    /** Those that the sources of a server use. */
    readonly slotsOf: (server: ServerConfig | PoolerConfig) => ConnectionSlots
  },
): Promise<AgentCommands | undefined> {
  if (!config['actions.enabled']) return undefined
  const { clock, log } = options
  await using stack = new AsyncDisposableStack()
  try {
    const directory = config['actions.directory'] ?? join(dirname(config['spool.directory']), 'actions')
    makeDirectory(directory)
    stack.use(await lockDirectory(directory))
    const chain = stack.use(await openAuditChain({ path: join(directory, 'audit.jsonl'), clock, log }))
    const journal = stack.use(await openJournal({ path: join(directory, 'journal'), clock, log }))
    const targets = createTargets(targetsOf(config, options), clock, log)
    const trust = openTrustFiles({ ...trustFilesOf(config), log })
    await trust.reload()
    const { cluster, seq } = identityOf(config)
    const node = `${cluster}-${seq}`
    const patronis = patronisOf(config)
    const tuning = config['tuning.enabled']
      ? await openTuneControls({
          ...{ node, clock, patronis, history: options.history },
          directory: join(tuningDirectory(config), 'changes'),
          log: log.child({ part: 'tuning' }),
          find: (server) => findNamed(targets, server),
          poolerOf: (server) => poolerOf(targets, server),
          record: (fact) => port.record(fact),
        })
      : undefined
    if (tuning !== undefined) stack.use(tuning)
    const indexes = await openIndexWork({
      ...{ directory, node, clock },
      log: log.child({ part: 'indexes' }),
      find: (server) => findNamed(targets, server),
      record: (fact) => port.record(fact),
      tell: options.tellSaved,
    })
    if (indexes !== undefined) stack.use(indexes)
    const open = (server: string) => findNamed(targets, server).open(connectMs)
    const port = await startCommands({
      node,
      actions: kindsBeside(
        patronis,
        options.backups,
        open,
        tuning?.controls,
        indexes?.work,
        options.watchdogs,
      ),
      agent: options.controls,
      targets,
      trust,
      journal,
      chain,
      clock,
      log,
    })
    stack.defer(() => port.stop())
    const opened = stack.move()
    return {
      port,
      targets,
      tuning,
      indexes,
      audit: () => ({ entries: chain.head.seq, findings: chain.findings.length }),
      reload: () => trust.reload(),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    }
  } catch (error) {
    if (!(error instanceof PgherdError)) throw error
    log.error({ code: error.code }, `commands: none are taken: ${error.message}`)
    return undefined
  }
}

const connectMs = 10_000

/** @throws PgherdError NOT_FOUND */
function findNamed(targets: Targets, server: string): Target {
  const target = targets.find(server)
  if (target === undefined) throw new PgherdError('NOT_FOUND', `this agent watches no server ${server}`)
  return target
}

/** One with the same ins label; of several the first. */
function poolerOf(targets: Targets, server: string): Target | undefined {
  const names = targets.list().filter(({ kind }) => kind === 'pgbouncer')
  const found = names.find((one) => one.server === server || one.server.startsWith(`${server}:`))
  return found && targets.find(found.server)
}

/** The files in which this host says whom it obeys, and what they may name. */
export function trustFilesOf(config: AgentConfig): Omit<TrustFilesOptions, 'log'> {
  return {
    operatorsFile: config['actions.operators_file'],
    policyFile: config['actions.policy_file'],
    kinds: [...kinds.map(({ kind }) => kind), 'cancel'],
    userId: process.getuid?.() ?? 0,
  }
}

function patronisOf({ neighbours }: AgentConfig): readonly PatroniAccess[] {
  const etcd = neighbours
    .filter(({ kind }) => kind === 'etcd')
    .map((one) => ({ ...accessOf(one), url: one.url }))
  return neighbours
    .filter(({ kind }) => kind === 'patroni')
    .map((patroni) => ({ ...accessOf(patroni), url: patroni.url, configFile: patroni.config_file, etcd }))
}
