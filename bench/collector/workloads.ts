/** Data that every server gets, and what is asked of it afterwards. */
export interface Workload {
  readonly name: string
  readonly series: number
  readonly hours: number
  readonly intervalMs: number
  readonly queries: readonly Query[]
}

export interface Query {
  readonly name: string
  readonly expression: string
  /** An instant query when there is none. */
  readonly range?: { readonly ms: number; readonly stepMs: number }
  /** Is asked on, until what it costs changes no more, and then measured again. */
  readonly isAskedSteadily?: boolean
}

/** Samples of one request. */
export const samplesPerRequest = 2000

/** Names of metrics and labels are those of fleet.ts. */
export function workloads(quick: boolean): readonly Workload[] {
  const hourMs = 3_600_000
  return [
    {
      name: '2,000 series',
      series: 2_000,
      hours: 24,
      intervalMs: quick ? 60_000 : 10_000,
      queries: [
        {
          name: 'one series, 24 h',
          expression: 'pg_table_idx_scan{ins="pg-0-1", relname="public.order_lines_7"}',
          range: { ms: 24 * hourMs, stepMs: 60_000 },
          isAskedSteadily: true,
        },
        { name: 'instant over all 2,000', expression: '{job="pgsql"}' },
      ],
    },
    {
      name: '20,000 series',
      series: 20_000,
      hours: quick ? 1.1 : 2,
      intervalMs: quick ? 30_000 : 10_000,
      queries: [
        {
          name: 'sum(rate(m[5m])), 1 h, 2,000 series',
          expression: 'sum(rate(pg_table_idx_scan[5m]))',
          range: { ms: hourMs, stepMs: 15_000 },
        },
        { name: 'instant over all 20,000', expression: '{job="pgsql"}' },
        { name: 'count over all 20,000', expression: 'count({job="pgsql"})' },
      ],
    },
  ]
}
