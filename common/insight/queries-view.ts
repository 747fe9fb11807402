import { z } from 'zod'

/** By what a top list can be ordered, the largest first. */
export const querySorts = [
  'time',
  'calls',
  'mean',
  'p50',
  'p95',
  'p99',
  'rows',
  'io',
  'wal',
  'temp',
  'blocks',
] as const
export type QuerySort = (typeof querySorts)[number]

/** A percentile of durations in seconds, with how much it can be relied on. */
export const percentile = z.object({
  value: z.number(),
  /** What it was made of: `pgss-lognormal` from moments, `pgsm-histogram` and `histogram` from counts by bucket. */
  method: z.string(),
  calls: z.number(),
  /** Standard deviation by mean; null where it is not known. */
  cv: z.number().nullable(),
  /** What no shape of the durations goes beyond, as far as that is known. */
  lo: z.number().nullable(),
  hi: z.number().nullable(),
  confidence: z.enum(['high', 'medium', 'low']),
  /** Whether a part of the range is missing. */
  partial: z.boolean(),
})
export type Percentile = z.infer<typeof percentile>

/** What calls within a range did and took. */
export const queryFigures = z.object({
  calls: z.number(),
  timeSeconds: z.number(),
  /** Null without calls. */
  meanSeconds: z.number().nullable(),
  /** Null with fewer than 20 calls. */
  p50: percentile.nullable(),
  p95: percentile.nullable(),
  p99: percentile.nullable(),
  planSeconds: z.number(),
  rows: z.number(),
  ioSeconds: z.number(),
  walBytes: z.number(),
  fullPageImages: z.number(),
  tempBytes: z.number(),
  blocksHit: z.number(),
  blocksRead: z.number(),
  blocksDirtied: z.number(),
  blocksWritten: z.number(),
})
export type QueryFigures = z.infer<typeof queryFigures>

export const queryRow = queryFigures.extend({
  cluster: z.string(),
  datname: z.string(),
  /** queryid of pg_stat_statements, or `other` for all statements that have no series of their own. */
  query: z.string(),
  /** Those that executed it within the range. */
  servers: z.array(z.string()),
  /** Part of the time that all statements took, 0 to 1. */
  share: z.number(),
  /** Normalised; null as long as no agent has told it. */
  text: z.string().nullable(),
})
export type QueryRow = z.infer<typeof queryRow>

/** What is asked for; times in milliseconds since the epoch. */
export interface QueryFilter {
  readonly cluster?: string | undefined
  readonly server?: string | undefined
  readonly datname?: string | undefined
}
export interface TimeSpan {
  readonly startMs: number
  readonly endMs: number
}
export interface TopRequest extends QueryFilter, TimeSpan {
  readonly sort: QuerySort
  readonly limit: number
}

/** GET /api/v1/queries?cluster=&server=&datname=&start=&end=&sort=&limit= */
export const topQueries = z.object({
  startMs: z.number(),
  endMs: z.number(),
  /** Of all statements, those without a series of their own included. */
  timeSeconds: z.number(),
  calls: z.number(),
  /** Of whole databases: of all their statements together. */
  p50: percentile.nullable(),
  p95: percentile.nullable(),
  p99: percentile.nullable(),
  rows: z.array(queryRow),
  /** What has no series of its own, by cluster and database. */
  others: z.array(queryRow),
})
export type TopQueries = z.infer<typeof topQueries>

/** A query that takes longer, or works more, than it did in its last week. */
export const queryRegression = z.object({
  server: z.string(),
  sinceMs: z.number(),
  /** What has grown. */
  what: z.enum(['p95', 'blocks', 'rows']),
  /** Seconds, or blocks or rows of a call. */
  before: z.number(),
  after: z.number(),
})
export type QueryRegression = z.infer<typeof queryRegression>

export const oneQuery = queryRow.extend({
  firstSeenMs: z.number().nullable(),
  lastSeenMs: z.number().nullable(),
  byServer: z.array(queryFigures.extend({ server: z.string() })),
  /** The range in parts of `stepMs`, each named by its end. */
  trend: z.array(
    z.object({
      atMs: z.number(),
      calls: z.number(),
      meanSeconds: z.number().nullable(),
      p95: percentile.nullable(),
    }),
  ),
  regressions: z.array(queryRegression),
})
export type OneQuery = z.infer<typeof oneQuery>

/** GET /api/v1/queries/<queryid>?cluster=&server=&datname=&start=&end=: one for each cluster and database that knows it. */
export const foundQueries = z.object({
  startMs: z.number(),
  endMs: z.number(),
  stepMs: z.number(),
  found: z.array(oneQuery),
})
export type FoundQueries = z.infer<typeof foundQueries>

export const comparedQuery = z.object({
  cluster: z.string(),
  datname: z.string(),
  query: z.string(),
  text: z.string().nullable(),
  before: queryFigures,
  after: queryFigures,
})
export type ComparedQuery = z.infer<typeof comparedQuery>

export interface CompareRequest extends QueryFilter {
  readonly before: TimeSpan
  readonly after: TimeSpan
  readonly sort: QuerySort
  readonly limit: number
}

/** GET /api/v1/queries/compare?...&start=&end=&before_start=&before_end=: the largest changes of what is sorted by first. */
export const comparedQueries = z.object({
  before: z.object({ startMs: z.number(), endMs: z.number() }),
  after: z.object({ startMs: z.number(), endMs: z.number() }),
  rows: z.array(comparedQuery),
})
export type ComparedQueries = z.infer<typeof comparedQueries>

const success = z.literal('success')
export const topQueriesAnswer = z.object({ status: success, data: topQueries })
export const foundQueriesAnswer = z.object({ status: success, data: foundQueries })
export const comparedQueriesAnswer = z.object({ status: success, data: comparedQueries })
