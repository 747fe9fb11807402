import { join } from 'node:path'
import type { AuditFact } from '../common/audit/entry.ts'
import type { Clock } from '../common/clock.ts'
import { PgherdError } from '../common/errors.ts'
import { lockDirectory } from '../common/lock-directory.ts'
import type { Log } from '../common/log.ts'
import { makeDirectory } from '../common/make-directory.ts'
import type { Figure } from '../common/self-metrics.ts'
import { indexFigures } from './actions/indexes/index-figures.ts'
import { createIndexTurns } from './actions/indexes/index-work.ts'
import type { IndexWork } from './actions/indexes/index-work.ts'
import { keepIndexes } from './actions/indexes/keep-indexes.ts'
import { openIndexLedger } from './actions/indexes/ledger.ts'
import { tellingLedger } from './actions/indexes/telling-ledger.ts'
import type { TellSaved } from './actions/indexes/telling-ledger.ts'
import type { Target } from './actions/targets.ts'

/** What is done to the indexes of this host's servers, and what goes on of it. */
export interface AgentIndexWork extends AsyncDisposable {
  readonly work: IndexWork
  readonly figures: readonly Figure[]
  /** Watches trials, and finishes what commands have left, until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>
}

const connectMs = 10_000
const lookMs = 10_000

/**
 * Opens the ledger of indexes. Measuring and other commands do not depend on it: what cannot be opened is logged, and no index is changed
 * then.
 * @param directory - of actions
 */
export async function openIndexWork(options: {
  readonly directory: string
  readonly node: string
  readonly clock: Clock
  readonly log: Log
  /** @throws PgherdError NOT_FOUND */
  readonly find: (server: string) => Target
  readonly record: (fact: AuditFact) => Promise<boolean>
  /** Has the collector keep what dropped indexes were, for when this host is lost. */
  readonly tell: TellSaved
}): Promise<AgentIndexWork | undefined> {
  const { node, clock, log, find, record, tell } = options
  await using stack = new AsyncDisposableStack()
  try {
    const directory = join(options.directory, 'indexes')
    makeDirectory(directory)
    stack.use(await lockDirectory(directory))
    const work: IndexWork = {
      ...{ node, clock, log, record, lookMs },
      ledger: tellingLedger(await openIndexLedger(directory, log), tell),
      open: (server, how) => find(server).open(connectMs, how),
      inTurn: createIndexTurns(),
      busy: new Set(),
    }
    const opened = stack.move()
    return {
      work,
      figures: indexFigures(work),
      run: (signal) => keepIndexes(work, signal),
      [Symbol.asyncDispose]: () => opened.disposeAsync(),
    }
  } catch (error) {
    if (!(error instanceof PgherdError)) throw error
    log.error({ code: error.code }, `indexes: none is changed: ${error.message}`)
    return undefined
  }
}
