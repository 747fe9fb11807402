import { PgherdError, messageOf } from '../../common/errors.ts'

export interface MetricFilterOptions {
  /** Regular expressions for whole metric names: one of them must match. All are kept unless told. */
  readonly keep?: readonly string[] | undefined
  /** None of these may match. */
  readonly drop?: readonly string[] | undefined
}

/** Names that are remembered; an endpoint with more invents them. */
const maxNames = 10_000

/**
 * Decides about metrics by their names, about each name once.
 * @throws PgherdError CONFIG_INVALID for an expression that cannot be read
 */
export function createMetricFilter(options: MetricFilterOptions): (metric: string) => boolean {
  const keep = options.keep?.map(wholeName)
  const drop = options.drop?.map(wholeName) ?? []
  if (keep === undefined && drop.length === 0) return () => true
  const decided = new Map<string, boolean>()
  return (metric) => {
    let verdict = decided.get(metric)
    if (verdict === undefined) {
      const matches = (pattern: RegExp): boolean => pattern.test(metric)
      verdict = (keep === undefined || keep.some(matches)) && !drop.some(matches)
      if (decided.size >= maxNames) decided.clear()
      decided.set(metric, verdict)
    }
    return verdict
  }
}

function wholeName(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`)
  } catch (error) {
    throw new PgherdError(
      'CONFIG_INVALID',
      `"${pattern}" is no regular expression for metric names: ${messageOf(error)}`,
      { cause: error },
    )
  }
}
