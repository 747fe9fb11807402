import type { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../../common/clock.ts'
import type { QueriesService } from '../../../common/insight/queries-service.ts'
import type { QueryFilter } from '../../../common/insight/queries-view.ts'
import type { Log } from '../../../common/log.ts'
import type { NewEvent } from '../../../common/wire/events.ts'
import type { AskSamples } from '../ask-samples.ts'
import type { Candidate } from './candidates.ts'
import { compareQueries } from './compare-queries.ts'
import { createInfoSeries } from './info-series.ts'
import type { InfoSeriesOptions } from './info-series.ts'
import { oneQuery } from './one-query.ts'
import { openWatchedQueries } from './regressions/watched-queries.ts'
import { watchRegressions } from './regressions/watch-regressions.ts'
import type { RegressionTimes } from './regressions/watch-regressions.ts'
import { openStatementTexts } from './statement-texts.ts'
import type { StatementTexts } from './statement-texts.ts'
import { keyOf, topQueries } from './top-queries.ts'

export interface QueryInsight {
  /** Where texts come in. */
  readonly texts: StatementTexts
  readonly service: QueriesService
  /** Until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>
}

export interface QueryInsightOptions {
  /** The fleet's; its migrations have made the tables. */
  readonly database: DatabaseSync
  readonly store: AskSamples
  readonly append: InfoSeriesOptions['append']
  readonly regressions: RegressionTimes
  /** Whether the beginnings of texts go into the store, as labels. */
  readonly textsInSeries: boolean
  readonly add: (event: NewEvent) => void
  readonly clock: Clock
  readonly log: Log
}

/** Everything that the collector makes of the statistics of statements. */
export function createQueryInsight(options: QueryInsightOptions): QueryInsight {
  const { database, store, append, textsInSeries, add, clock, log } = options
  const texts = openStatementTexts(database, { clock })
  const watched = openWatchedQueries(database)
  const watch = watchRegressions({ store, texts, watched, times: options.regressions, clock, log, add })
  const info = createInfoSeries({
    store,
    texts: textsInSeries ? texts : { textOf: () => undefined },
    watched,
    append,
    clock,
    log,
  })
  const sources = {
    store,
    textOf: (candidate: Candidate) => texts.textOf(candidate),
    seen: (candidate: Candidate) => texts.seen(candidate),
    known: (query: string, filter: QueryFilter) => texts.known(query, filter),
    regressionsOf: (candidate: Candidate) =>
      watched
        .regressions()
        .filter((place) => keyOf(place) === keyOf(candidate))
        .map(({ server, sinceMs, what, before, after }) => ({ server, sinceMs, what, before, after })),
  }
  return {
    texts,
    service: {
      top: (request, signal) => topQueries(sources, request, signal),
      one: (request, signal) => oneQuery(sources, request, signal),
      compare: (request, signal) => compareQueries(sources, request, signal),
      texts: (filter, queries) => texts.texts(filter, queries),
    },
    async run(signal) {
      await Promise.all([watch.run(signal), info.run(signal)])
    },
  }
}
