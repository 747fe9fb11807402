/** A difference to Prometheus 2.42 that is meant, and the queries that show it. */
export interface NamedDifference {
  readonly reason: string
  readonly queries: RegExp
}

/** All that is known; every one is looked for, so that none stays here when it is gone. */
export const namedDifferences: readonly NamedDifference[] = [
  {
    reason:
      'atan2 with a number, or matched on all labels, drops the metric name as any arithmetic does in Prometheus 3',
    queries: / atan2 .*(odd|cpus|memory_bytes)|(odd|cpus|memory_bytes) atan2 /,
  },
  {
    reason: 'the deviation of one value that is no number is none in Prometheus 3, not 0',
    queries: /^std(dev|var) by \(kind\) \(odd\)/,
  },
  {
    reason: 'a window that @ pins down stays where it is in Prometheus 3, also for predict_linear',
    queries: /^predict_linear\(.* @ /,
  },
  {
    reason:
      'Prometheus 3 takes a counter to have begun at zero only within the half interval it extrapolates',
    queries: /^(rate|increase)\(sum\(cpu_seconds_total\)\[10m:30s\]\)/,
  },
  {
    reason: 'label names may be any text in Prometheus 3',
    queries: /"bad-(name|label)"/,
  },
  {
    reason: 'a comparison of one series with many is ambiguous in Prometheus 3 even if it leaves only one',
    queries: /^memory_bytes == on\(instance\) memory_bytes/,
  },
  {
    reason: 'the date of what is no time is NaN; Go makes one up that depends on the processor',
    queries: /^(minute|hour|day_of_\w+|days_in_month|month|year)\(vector\((NaN|-?Inf|1e300)\)\)/,
  },
  {
    reason: 'a rate of a selector without a window is MetricsQL',
    queries: /^rate\(memory_bytes\)/,
  },
]

export function nameOf(query: string): string | undefined {
  return namedDifferences.find(({ queries }) => queries.test(query))?.reason
}
