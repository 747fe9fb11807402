import type { Log } from '../common/log.ts'
import type { WatchdogControls, WatchdogSeen } from './actions/watchdog/controls.ts'
import type { AgentConfig } from './config.ts'
import type { AgentCommands } from './commands.ts'
import type { InsightServer } from './insight/insight-server.ts'
import { createPolicyFile } from './insight/watchdog/policy-file.ts'
import { problemsOfPolicyFile } from './insight/watchdog/read-policy.ts'
import type { SignalPort } from './insight/watchdog/signal-port.ts'
import { createWatchdog } from './insight/watchdog/watchdog.ts'
import type { Watchdog, WatchdogStatus } from './insight/watchdog/watchdog.ts'

/** The watchdogs of this host's servers, which share a policy. */
export interface AgentWatchdogs {
  /** That of one server; none where no policy is configured. */
  create(server: InsightServer): readonly Watchdog[]
  readonly controls: WatchdogControls
  /** Reads the policy again; whether it has no mistakes. */
  reload(): Promise<boolean>
}

const connectMs = 5_000

/** @param commands of this agent, once they are taken: sessions are signalled over the connection of its actions, and written into its audit */
export async function openWatchdogs(
  config: AgentConfig,
  options: {
    readonly log: Log
    readonly commands: () => Pick<AgentCommands, 'targets' | 'port'> | undefined
  },
): Promise<AgentWatchdogs> {
  const path = config['watchdog.policy_file']
  const file = createPolicyFile(path, process.getuid?.() ?? 0, options.log)
  await file.reload()
  const watchdogs = new Map<string, Watchdog>()
  const portOf = (server: string): SignalPort | undefined => {
    const commands = options.commands()
    const target = commands?.targets.find(server)
    if (commands === undefined || target?.kind !== 'postgres') return undefined
    return {
      open: () => target.open(connectMs, { readsOverMeasuring: true }),
      record: (fact) => commands.port.record(fact),
    }
  }
  return {
    create(server) {
      if (path === undefined) return []
      const watchdog = createWatchdog(server, {
        policy: () => file.now(),
        port: () => portOf(server.server),
      })
      watchdogs.set(server.server, watchdog)
      return [watchdog]
    },
    controls: {
      status(server) {
        const watchdog = watchdogs.get(server)
        return watchdog && seenBy(watchdog.status())
      },
    },
    reload: () => file.reload(),
  }
}

/** One line for each mistake of the policy file; none where no file is configured. */
export function problemsOfWatchdog(config: AgentConfig): readonly string[] {
  const path = config['watchdog.policy_file']
  return path === undefined ? [] : problemsOfPolicyFile(path, process.getuid?.() ?? 0)
}

function seenBy({ policy: now, lookedMs, findings, leftovers, count }: WatchdogStatus): WatchdogSeen {
  const { policy, problems } = now
  return {
    problems,
    lookedMs,
    isDry: policy?.dry_run,
    rules: (policy?.rules ?? []).map(({ name, case: which, action, after }) => ({
      ...{ name, case: which, action, afterMs: after },
      found: count('found', name),
      signalled: count('acted', name),
      wouldBeSignalled: count('dry', name),
      capped: count('capped', name),
      failed: count('failed', name),
    })),
    sessions: findings.map(({ session, rule, heldMs, harm, next }) => {
      const { pid, role, database, application, client } = session
      return { pid, role, database, application, client, rule, heldMs, harm, next }
    }),
    leftovers: (leftovers ?? []).map(({ case: which, name, facts }) => ({
      ...{ case: which, name },
      about: Object.entries(facts)
        .map(([key, value]) => `${key} ${value}`)
        .join(', '),
    })),
  }
}
