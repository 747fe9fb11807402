/**
 * What to ask and how to read the answer: one branch of a probe file, in pg_exporter's schema, with every
 * default filled in.
 */
export interface ProbeDefinition {
  /** The branch's key in its file; unique among all loaded files. */
  readonly branch: string
  /** Where it comes from, for messages. */
  readonly file: string
  /** Prefix of its metric names; several branches may share it when only one of them fits a server. */
  readonly name: string
  readonly description: string
  readonly query: string
  readonly predicates: readonly Predicate[]
  /** Conditions on the server; see plan.ts. */
  readonly tags: readonly string[]
  /** A result younger than this is used again; 0 means each time. */
  readonly ttlMs: number
  /** Of the predicates and the query together. */
  readonly timeoutMs: number
  /** Lower runs earlier. */
  readonly priority: number
  /**
   * Milliseconds of server time it may take per minute, undefined for the agent's default: one that needs more is asked
   * less often. An addition to pg_exporter's schema.
   */
  readonly budgetMs: number | undefined
  /** server_version_num from which on it fits, and below which; 0 means open. */
  readonly minVersion: number
  readonly maxVersion: number
  /** Its failure means that the server is not usable. */
  readonly fatal: boolean
  readonly skip: boolean
  readonly columns: readonly ColumnDefinition[]
}

/** The limit of a probe without `timeout`; sessions begin with it, so that the server need not be told another one. */
export const usualTimeoutMs = 2_000

/** A question asked first: true lets the probe run, false, null or no row skips it. */
export interface Predicate {
  readonly name: string
  readonly query: string
  readonly ttlMs: number
  /**
   * The statement that makes it true when it is about a privilege, with `{role}` for the role's name. An addition to
   * pg_exporter's schema.
   */
  readonly grant: string | undefined
}

/** ROWS is an addition to pg_exporter's schema: the number of rows that share their labels. */
export const usages = ['DISCARD', 'LABEL', 'GAUGE', 'COUNTER', 'HISTOGRAM', 'ROWS'] as const
export type Usage = (typeof usages)[number]

export interface ColumnDefinition {
  /** As the query names it. */
  readonly column: string
  readonly usage: Usage
  /** Label name, or the metric's name behind the probe's prefix. */
  readonly name: string
  readonly description: string
  /** In place of NULL, scaled like any value; without it a NULL is no sample. */
  readonly default: number | undefined
  /** Text that is no number is no sample instead of an error. An addition to pg_exporter's schema. */
  readonly numbersOnly: boolean
  readonly scale: number
  /** Upper bounds of a histogram without the implied +Inf. */
  readonly buckets: readonly number[]
}

/** The name of the metric that a value column becomes. */
export function metricName(probe: ProbeDefinition, column: ColumnDefinition): string {
  return `${probe.name}_${column.name}`
}
