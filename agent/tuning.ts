import { join } from 'node:path'
import type { Clock } from '../common/clock.ts'
import { PgherdError } from '../common/errors.ts'
import { createKernelFiles } from '../common/kernel/kernel-files.ts'
import { lockDirectory } from '../common/lock-directory.ts'
import type { Log } from '../common/log.ts'
import { makeDirectory } from '../common/make-directory.ts'
import type { Figure } from '../common/self-metrics.ts'
import type { AgentConfig } from './config.ts'
import { tuningDirectory } from './config/tuning-directory.ts'
import type { ConnectionSlots } from './postgres/connection-slots.ts'
import { isLocalHost } from './postgres/local-host.ts'
import { measuringConnection } from './postgres/measuring-connection.ts'
import { parseTarget } from './postgres/target.ts'
import { serverOptions, serversOf } from './sources.ts'
import { evidenceOf } from './tuning/evidence/evidence-of.ts'
import type { Evidence } from './tuning/evidence/evidence.ts'
import { createHistory } from './tuning/history/history.ts'
import type { History } from './tuning/history/history.ts'
import { views } from './tuning/observe/views.ts'
import { createServerWatch } from './tuning/observe/watch-server.ts'
import type { ServerWatch } from './tuning/observe/watch-server.ts'

/** What this host's servers did. */
export interface AgentTuning extends AsyncDisposable {
  /**
   * Of the last hours, and of the newer half of them; undefined for a server of which nothing is known yet.
   * @param server - its ins label
   * @throws PgherdError DIRECTORY_UNUSABLE
   */
  evidence(server: string, hours: number): Promise<ServerEvidence | undefined>
  readonly figures: readonly Figure[]
  /** Until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>
}

export interface ServerEvidence {
  readonly evidence: Evidence
  readonly newerHalf: Evidence | undefined
}

interface Watched {
  readonly server: string
  readonly watch: ServerWatch
  readonly history: History
}

const hourMs = 3_600_000

/**
 * Opens the histories of this host's servers. Measuring does not depend on them: what cannot be opened is logged, and there is no history
 * then. Undefined too where it is not wanted, or no server is watched.
 */
export async function openTuning(
  config: AgentConfig,
  options: {
    readonly clock: Clock
    readonly log: Log
    /** The connections to a server that the agent has. */
    readonly slotsOf: (server: { readonly url: string }) => ConnectionSlots
  },
): Promise<AgentTuning | undefined> {
  const { clock, log, slotsOf } = options
  if (!config['tuning.enabled'] || serversOf(config).length === 0) return undefined
  await using stack = new AsyncDisposableStack()
  try {
    const directory = join(tuningDirectory(config), 'history')
    makeDirectory(directory)
    stack.use(await lockDirectory(directory))
    const files = stack.use(createKernelFiles('/', () => clock.monotonic()))
    const watched = serversOf(config).map((one): Watched => {
      const { url, serviceFile, identity } = serverOptions(config, one)
      const target = parseTarget(url, serviceFile)
      const server = `${identity.cluster}-${identity.seq}`
      const history = createHistory({
        directory: join(directory, server),
        keepDays: config['tuning.history_days'],
        clock,
        log: log.child({ ins: server }),
      })
      const watch = createServerWatch({
        lend: () => measuringConnection(slotsOf(one), target.database),
        views,
        history,
        files: isLocalHost(target.host) ? files : undefined,
        clock,
        log: log.child({ ins: server }),
      })
      return { server, watch, history }
    })
    const opened = stack.move()
    return {
      async evidence(server, hours) {
        const found = watched.find((one) => one.server === server)
        const system = found?.watch.system()
        if (found === undefined || system === undefined) return undefined
        const sinceMs = clock.now() - hours * hourMs
        const buckets = await found.history.read(system, sinceMs)
        const evidence = evidenceOf(buckets)
        if (evidence === undefined) return undefined
        const halfMs = clock.now() - (hours / 2) * hourMs
        return { evidence, newerHalf: evidenceOf(buckets.filter(({ toMs }) => toMs >= halfMs)) }
      },
      figures: figuresOf(watched),
      run: async (signal) => {
        await Promise.all(watched.map(({ watch }) => watch.run(signal)))
      },
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    }
  } catch (error) {
    if (!(error instanceof PgherdError)) throw error
    log.error({ code: error.code }, `tuning: there is no history: ${error.message}`)
    return undefined
  }
}

function figuresOf(watched: readonly Watched[]): readonly Figure[] {
  const each = (value: (of: Watched) => number) => (): Readonly<Record<string, number>> =>
    Object.fromEntries(watched.map((of) => [of.server, value(of)]))
  return [
    {
      name: 'pgherd_tuning_history_hours',
      help: 'Hours of a server that its history knows, from which settings are recommended.',
      label: 'server',
      read: each(({ history }) => history.hours()),
    },
    {
      name: 'pgherd_tuning_samples_total',
      help: 'Looks at a server for its history.',
      label: 'server',
      read: each(({ watch }) => watch.samples()),
    },
    {
      name: 'pgherd_tuning_failures_total',
      help: 'Looks that a server did not answer, and buckets of its history that could not be written.',
      label: 'server',
      read: each(({ watch, history }) => watch.failures() + history.failures()),
    },
  ]
}
