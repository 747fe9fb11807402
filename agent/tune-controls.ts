import type { AuditFact } from '../common/audit/entry.ts'
import type { Clock } from '../common/clock.ts'
import { PgherdError } from '../common/errors.ts'
import { lockDirectory } from '../common/lock-directory.ts'
import type { Log } from '../common/log.ts'
import { makeDirectory } from '../common/make-directory.ts'
import type { Figure } from '../common/self-metrics.ts'
import { withPatroniSettings } from './actions/backup/patroni-settings.ts'
import { reloadAlsoTakes } from './actions/file-settings.ts'
import type { PatroniAccess } from './actions/patroni/access.ts'
import type { Target } from './actions/targets.ts'
import type { TuneControls } from './actions/tune/controls.ts'
import type { AdviceSources } from './tune-advice.ts'
import type { AgentTuning } from './tuning.ts'
import { openChanges } from './tuning/change/open-changes.ts'

/** The tuning of this host's servers, as actions have it. */
export interface AgentTuneControls extends AsyncDisposable {
  readonly controls: TuneControls
  readonly figures: readonly Figure[]
  /** Watches what was changed, until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>
}

export interface TuneControlsOptions {
  /** Of changes: a file per server. */
  readonly directory: string
  readonly node: string
  readonly clock: Clock
  readonly log: Log
  readonly patronis: readonly PatroniAccess[]
  /** @throws PgherdError NOT_FOUND */
  readonly find: (server: string) => Target
  /** A pgBouncer in front of a server. */
  readonly poolerOf: (server: string) => Target | undefined
  readonly history: Pick<AgentTuning, 'evidence'> | undefined
  readonly record: (fact: AuditFact) => Promise<boolean>
}

const connectMs = 10_000
/** What is told of the load is that of a week. */
const hoursOfDetection = 168

/**
 * Opens the journal of changes; what an earlier life of the agent has left is gone on with by `run`. Measuring and other commands do not
 * depend on it: what cannot be opened is logged, and there is no tuning then.
 */
export async function openTuneControls(options: TuneControlsOptions): Promise<AgentTuneControls | undefined> {
  const { directory, node, clock, log, patronis, find, record, history } = options
  await using stack = new AsyncDisposableStack()
  try {
    makeDirectory(directory)
    stack.use(await lockDirectory(directory))
    const changes = await openChanges({
      ...{ directory, node, clock, log, record },
      openServer: (server) => find(server).open(connectMs),
      openLook: (server) => find(server).open(connectMs, { readsOverMeasuring: true }),
      withKeeper: (scope, work) => withPatroniSettings(patronis, scope, work),
      history: async (server) => (await history?.evidence(server, 1))?.evidence,
      reloadAlsoTakes,
    })
    const sourcesOf = (server: string): AdviceSources => ({
      ...{ clock, log, pooler: options.poolerOf(server) },
      history: (hours) => history?.evidence(server, hours) ?? Promise.resolve(undefined),
      changes: () => changes.changes(server),
    })
    const opened = stack.move()
    return {
      controls: {
        async detect(asked) {
          const { detectFor } = await import('./tune-advice.ts')
          return (await detectFor(asked, sourcesOf(asked.server), { hours: hoursOfDetection })).detection
        },
        async advise(asked, request) {
          const { adviceFor } = await import('./tune-advice.ts')
          return adviceFor(asked, request, sourcesOf(asked.server))
        },
        plan: (asked, request) => changes.plan(asked, request),
        apply: (asked, request, how) => changes.apply(asked, request, how),
        undo: (asked, noted) => changes.undo(asked, noted),
        changes: (server) => changes.changes(server),
        planRollback: (asked, change) => changes.planRollback(asked, change),
        rollBack: (asked, change) => changes.rollBack(asked, change),
      },
      figures: changes.figures,
      run: (signal) => changes.run(signal),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    }
  } catch (error) {
    if (!(error instanceof PgherdError)) throw error
    log.error({ code: error.code }, `tuning: nothing is changed: ${error.message}`)
    return undefined
  }
}
