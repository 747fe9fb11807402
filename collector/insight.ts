import type { Clock } from '../common/clock.ts'
import { PgherdError } from '../common/errors.ts'
import type { DdlService } from '../common/insight/ddl-service.ts'
import type { IndexesService } from '../common/insight/indexes-service.ts'
import type { QueriesService } from '../common/insight/queries-service.ts'
import type { Log } from '../common/log.ts'
import type { Figure } from '../common/self-metrics.ts'
import type { NewEvent } from '../common/wire/events.ts'
import { mayReport } from './agent-rights.ts'
import type { AgentRights } from './agent-rights.ts'
import type { Backend } from './backend.ts'
import type { CollectorConfig } from './config.ts'
import type { Fleet } from './fleet/fleet.ts'
import type { AskSamples } from './insight/ask-samples.ts'
import type { InsightBook } from './insight/book.ts'
import { createIndexBook } from './insight/indexes/index-book.ts'
import { createSavedBook } from './insight/indexes/saved-book.ts'
import type { SavedBook } from './insight/indexes/saved-book.ts'
import { createIndexService } from './insight/indexes/index-service.ts'
import type { IndexServiceOptions } from './insight/indexes/index-service.ts'
import { createKeptEvidence } from './insight/indexes/read-evidence.ts'
import { createInsightIntake } from './insight/intake.ts'
import type { InsightIntake } from './insight/intake.ts'
import { createPasswordBook } from './insight/passwords/password-book.ts'
import { createQueryInsight } from './insight/queries/query-insight.ts'
import { openSchemaHistory } from './insight/schema/schema-history.ts'
import { createWatchdogBook } from './insight/watchdog/watchdog-book.ts'
import type { WatchdogBook } from './insight/watchdog/watchdog-book.ts'

/** What agents find out of databases, and what is made of it. */
export interface CollectorInsight {
  readonly intake: InsightIntake
  readonly queries: QueriesService
  readonly indexes: IndexesService
  /** Dropped indexes of a cluster, the newest first. */
  readonly savedIndexes: SavedBook['list']
  readonly ddl: DdlService
  readonly watchdog: Pick<WatchdogBook, 'list'>
  readonly figures: readonly Figure[]
  /** Until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>
}

/** The parts of the collector that insight works with. */
export interface InsightParts {
  readonly clock: Clock
  readonly log: Log
  readonly rights: AgentRights
  readonly backend: Pick<Backend, 'query' | 'vector' | 'rules'>
  /** The servers of a cluster. */
  readonly members: IndexServiceOptions['members']
}

/** Of one question to the store. */
const questionMs = 10_000

export function openInsight(config: CollectorConfig, fleet: Fleet, parts: InsightParts): CollectorInsight {
  const { clock, log, rights, backend } = parts
  const queries = createQueryInsight({
    database: fleet.database,
    store: askSamples(backend),
    append: (...given) => backend.rules.append(...given),
    regressions: {
      everyMs: config['insight.regression_interval'],
      windowMs: config['insight.regression_window'],
      referenceMs: config['insight.regression_reference'],
    },
    textsInSeries: config['insight.query_texts'],
    add: (event) => fleet.events.add(event),
    clock,
    log,
  })
  // Told with what it is about, or not at all: a report that could not be stored comes again.
  const add = (event: NewEvent): void => fleet.events.addWithin(event)
  const schema = openSchemaHistory({
    database: fleet.database,
    add,
    clock,
  })
  const watchdog = createWatchdogBook({
    database: fleet.database,
    add,
    clock,
  })
  const saved = createSavedBook(fleet.database)
  const books: readonly InsightBook[] = [
    ...[schema.book, queries.texts, watchdog],
    createIndexBook(fleet.database, clock),
    saved,
    createPasswordBook(add),
  ]
  const intake = createInsightIntake({
    database: fleet.database,
    books,
    mayReport: mayReport(rights),
    clock,
    log,
  })
  return {
    intake,
    queries: queries.service,
    savedIndexes: (cluster) => saved.list(cluster),
    indexes: createIndexService({
      evidence: createKeptEvidence(fleet.database),
      members: parts.members,
      isKnownNode: (node) => fleet.nodes.has(node),
      texts: (...given) => queries.texts.naming(...given),
      days: config['insight.index_days'],
      clock,
    }),
    ddl: schema,
    watchdog,
    figures: insightFigures(intake),
    run: (signal) => queries.run(signal),
  }
}

/** Questions to the store. */
function askSamples({ query, vector }: Pick<Backend, 'query' | 'vector'>): AskSamples {
  return {
    vector,
    async range(expression, { startMs, endMs, stepMs }, signal) {
      const options = { signal, timeoutMs: questionMs }
      const { value } = await query.range(expression, startMs, endMs, stepMs, options)
      if (value.kind === 'matrix') return value.series
      throw new PgherdError('QUERY_FAILED', `the result is a ${value.kind}, not a range vector`)
    },
  }
}

function insightFigures(intake: InsightIntake): readonly Figure[] {
  return [
    {
      name: 'pgherd_insight_reports_total',
      help: 'Reports of what is in databases that were stored since the start.',
      label: 'topic',
      read: () => intake.stats().taken,
    },
    {
      name: 'pgherd_insight_refused_reports_total',
      help: 'Reports that were not taken: of servers of others, of a topic that nobody knows, without sense, or to come again.',
      label: 'reason',
      read: () => intake.stats().refused,
    },
    {
      name: 'pgherd_insight_repeated_reports_total',
      help: 'Reports that had come before.',
      read: () => intake.stats().repeated,
    },
  ]
}
