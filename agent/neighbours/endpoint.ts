import { PgherdError, systemCodeOf, toPgherdError } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { createEndpointClient } from './endpoint-client.ts'
import type { EndpointAccess, EndpointAnswer } from './endpoint-client.ts'
import { createExpositionParser } from './exposition/parser.ts'
import type { Exposition } from './exposition/parser.ts'
import { createFailureLog } from './failure-log.ts'
import { createMetricFilter } from './metric-filter.ts'
import type { MetricFilterOptions } from './metric-filter.ts'
import { ageTable, plainTable, reserveMs } from './neighbour.ts'
import type { Neighbour, NeighbourMeasurement, NeighbourRound } from './neighbour.ts'

export interface EndpointOptions extends EndpointAccess, MetricFilterOptions {
  /** Labels of all its series; a label of a sample by the same name becomes `exported_<name>` further on. */
  readonly labels: Readonly<Record<string, string>>
  /** Asked no more often than this; in between the last result is repeated. At every round unless told. */
  readonly intervalMs?: number | undefined
  /** Of one request; what the round leaves unless told. */
  readonly timeoutMs?: number | undefined
  /** An answer with more samples, after `keep` and `drop`, is refused; 50 000 unless told. */
  readonly sampleLimit?: number | undefined
  /** What to say about an answer other than 200, when there is more to say than its status. */
  readonly explainStatus?: ((status: number) => string | undefined) | undefined
  readonly log: Log
}

/**
 * What only the scraper can say of this source. With labels it is of something else: a Prometheus that is federated
 * has an `up` of each of its targets.
 */
const aboutScrape = /^(?:up|scrape_.+|pgherd_(?:scrape|endpoint)_.+)$/

interface Result {
  readonly atMs: number
  readonly measurement: NeighbourMeasurement
  readonly repeatable: boolean
}

/**
 * Anything that serves Prometheus' metrics over HTTP. It is up when its answer could be read; single bad lines
 * cost themselves, are counted in `pgherd_endpoint_bad_lines_total` and logged.
 * @throws PgherdError CONFIG_INVALID for the URL, `keep` and `drop`
 */
export function createEndpointSource(options: EndpointOptions): Neighbour {
  const { labels, intervalMs = 0, sampleLimit = 50_000 } = options
  const log = options.log.child({ job: labels['job'], instance: labels['instance'] })
  const client = createEndpointClient(options)
  const isWanted = createMetricFilter(options)
  const parser = createExpositionParser({
    keep: (metric, isLabelled) => isWanted(metric) && (isLabelled || !aboutScrape.test(metric)),
    sampleLimit,
  })
  const tellFailure = createFailureLog(log, {
    bad: 'the endpoint cannot be measured',
    good: 'the endpoint is measured again',
  })
  const tellBadLines = createFailureLog(log, {
    bad: 'the endpoint gives bad lines',
    good: 'the endpoint gives no bad lines any more',
  })
  /** Whether there may be one from the last request. */
  let hasConnection = false
  let badLines = 0
  let kept: Result | undefined

  const fetch = (round: NeighbourRound): Promise<EndpointAnswer> => {
    const leftMs = round.remainingMs() - reserveMs
    if (leftMs < 1) throw new PgherdError('TIMED_OUT', 'no time was left in this scrape')
    return client.fetch(Math.min(inSteps(leftMs), options.timeoutMs ?? Infinity))
  }

  const fetchAnew = async (round: NeighbourRound): Promise<EndpointAnswer> => {
    try {
      return await fetch(round)
    } catch (error) {
      // It may have closed the connection of the last request in the moment that we used it for this one.
      if (!hasConnection || !isHungUp(error)) throw error
      return await fetch(round)
    } finally {
      hasConnection = false
    }
  }

  const ask = async (round: NeighbourRound): Promise<Exposition> => {
    try {
      const { text, openMetrics } = await fetchAnew(round)
      hasConnection = true
      return parser.parse(text, { openMetrics })
    } catch (error) {
      const { status } = toPgherdError(error).details
      const explained = typeof status === 'number' ? options.explainStatus?.(status) : undefined
      throw explained === undefined ? error : new PgherdError('UNREACHABLE', explained, { cause: error })
    }
  }

  const measureNow = async (round: NeighbourRound): Promise<Result> => {
    try {
      const exposition = await ask(round)
      const [first] = exposition.complaints
      badLines += exposition.badLines
      tellFailure(undefined)
      tellBadLines(first?.reason, ` (line ${first?.line ?? 0}; ${exposition.badLines} of them)`)
      const tables = [...exposition.tables, plainTable({ pgherd_endpoint_bad_lines_total: badLines })]
      return { atMs: round.timestampMs, measurement: { up: true, tables }, repeatable: true }
    } catch (thrown) {
      const error = toPgherdError(thrown)
      tellFailure(error.message)
      // Asking again at once for what took too long would cost the same again.
      const repeatable = error.code === 'TIMED_OUT'
      return { atMs: round.timestampMs, measurement: { up: false, tables: [] }, repeatable }
    }
  }

  return {
    labels,
    async measure(round) {
      if (intervalMs === 0) return (await measureNow(round)).measurement
      const ageMs = round.timestampMs - (kept?.atMs ?? 0)
      if (kept?.repeatable !== true || ageMs < 0 || ageMs >= intervalMs) kept = await measureNow(round)
      const { up, tables } = kept.measurement
      return { up, tables: [...tables, ageTable(round, kept.atMs)] }
    },
    [Symbol.asyncDispose]: () => {
      client[Symbol.dispose]()
      return Promise.resolve()
    },
  }
}

function isHungUp(error: unknown): boolean {
  const code = error instanceof Error ? systemCodeOf(error.cause) : undefined
  return code === 'ECONNRESET' || code === 'EPIPE'
}

/** Whole tenths of a second, so that the message about an endpoint that is silent stays the same. */
function inSteps(ms: number): number {
  return ms > 100 ? Math.floor(ms / 100) * 100 : Math.floor(ms)
}
