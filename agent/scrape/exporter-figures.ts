import { mostSamples } from '../../common/series/sample-table.ts'
import type { SampleTable } from '../../common/series/sample-table.ts'
import type { KeptOutcome } from './probe-outcome.ts'
import type { ProbeRunner } from './probe-runner.ts'
import type { Round } from './source.ts'

/** pg_exporter's metrics about itself, for dashboards that were made for it. */
export interface ExporterFigures {
  /**
   * @param main the probes of the main connection, in `database`; those of the other databases are not listed one by
   *   one, which would be a series for each probe in each of them
   */
  tables(round: Round, main: readonly ProbeRunner[], database: string): readonly SampleTable[]
}

/** @param prefix pg_exporter or pgbouncer_exporter */
export function createExporterFigures(
  prefix: 'pg_exporter' | 'pgbouncer_exporter',
  startedMs: number,
  version: string,
): ExporterFigures {
  let scrapes = 0
  let errors = 0
  const build = { labels: [version, 'pgherd-agent'], values: [1] }
  let made: { readonly atMs: number; readonly table: SampleTable } | undefined

  /** As they were at most half a minute ago: a series per probe and figure, which change little. */
  const queries = (round: Round, results: readonly Result[], database: string): SampleTable => {
    const ageMs = round.timestampMs - (made?.atMs ?? 0)
    if (made !== undefined && ageMs >= 0 && ageMs < tellAgainMs) return made.table
    const table = {
      metrics: queryMetrics.map((name) => `${prefix}_query_${name}`),
      labelNames: ['datname', 'query'],
      rows: results.map(({ runner, kept }) => {
        const { runs, errors: failures, skips, hits } = runner.account.totals()
        const measured = kept?.outcome.state === 'measured' ? kept.outcome.tables : []
        const metrics = mostSamples(measured)
        return {
          labels: [database, runner.probe.branch],
          values: [
            runner.probe.ttlMs / 1000,
            runs + hits,
            failures,
            skips,
            (kept?.durationMs ?? 0) / 1000,
            metrics,
            hits,
          ],
        }
      }),
    }
    made = { atMs: round.timestampMs, table }
    return table
  }

  return {
    tables(round, main, database) {
      scrapes++
      const results = main.map((runner) => ({ runner, kept: runner.latest() }))
      const failed = results.filter(({ kept }) => kept?.outcome.state === 'failed').length
      errors += failed
      const seconds = (round.timeoutMs - round.remainingMs()) / 1000
      return [
        {
          metrics: [
            `${prefix}_up`,
            `${prefix}_uptime`,
            `${prefix}_last_scrape_time`,
            `${prefix}_scrape_total_count`,
            `${prefix}_scrape_error_count`,
            `${prefix}_scrape_duration`,
          ],
          labelNames: [],
          rows: [
            {
              labels: [],
              values: [
                1,
                (round.timestampMs - startedMs) / 1000,
                round.timestampMs / 1000,
                scrapes,
                errors,
                seconds,
              ],
            },
          ],
        },
        {
          metrics: [`${prefix}_build_info`],
          labelNames: ['version', 'builtby'].sort(),
          rows: [{ ...build, labels: ['pgherd-agent', version] }],
        },
        {
          metrics: [
            `${prefix}_server_scrape_duration`,
            `${prefix}_server_scrape_total_seconds`,
            `${prefix}_server_scrape_total_count`,
            `${prefix}_server_scrape_error_count`,
          ],
          labelNames: ['datname'],
          rows: [{ labels: [database], values: [seconds, undefined, scrapes, errors] }],
        },
        queries(round, results, database),
      ]
    },
  }
}

const tellAgainMs = 30_000

interface Result {
  readonly runner: ProbeRunner
  readonly kept: KeptOutcome | undefined
}

const queryMetrics = [
  'cache_ttl',
  'scrape_total_count',
  'scrape_error_count',
  'scrape_predicate_skip_count',
  'scrape_duration',
  'scrape_metric_count',
  'scrape_hit_count',
]
