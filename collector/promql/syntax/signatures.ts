import { metricsqlSignatures } from './metricsql-signatures.ts'
import { sameFor, signature } from './signature.ts'
import type { Signature } from './signature.ts'

const elementwise = `abs ceil floor exp ln log2 log10 sqrt sgn acos acosh asin asinh atan atanh cos cosh sin sinh
  tan tanh deg rad sort sort_desc timestamp absent`
const overRange = `rate irate increase delta idelta deriv changes resets avg_over_time min_over_time max_over_time
  sum_over_time count_over_time last_over_time first_over_time present_over_time absent_over_time
  stddev_over_time stdvar_over_time mad_over_time ts_of_first_over_time ts_of_last_over_time
  ts_of_max_over_time ts_of_min_over_time`
const calendar = 'minute hour day_of_week day_of_month day_of_year days_in_month month year'

/** Arguments and result of every function. */
export const signatures: ReadonlyMap<string, Signature> = new Map([
  ...metricsqlSignatures,
  ...sameFor(elementwise, signature(['vector'], 'vector')),
  ...sameFor(overRange, signature(['matrix'], 'vector')),
  ...sameFor(calendar, signature(['vector'], 'vector', 1)),
  ...sameFor('pi time start end step range', signature([], 'scalar')),
  ...sameFor('max_of min_of', signature(['scalar', 'scalar'], 'scalar')),
  ...sameFor('clamp_min clamp_max', signature(['vector', 'scalar'], 'vector')),
  ...sameFor('sort_by_label sort_by_label_desc', signature(['vector', 'string'], 'vector', Infinity)),
  ['round', signature(['vector', 'scalar'], 'vector', 1)],
  ['clamp', signature(['vector', 'scalar', 'scalar'], 'vector')],
  ['predict_linear', signature(['matrix', 'scalar'], 'vector')],
  ['quantile_over_time', signature(['scalar', 'matrix'], 'vector')],
  ['double_exponential_smoothing', signature(['matrix', 'scalar', 'scalar'], 'vector')],
  ['histogram_quantile', signature(['scalar', 'vector'], 'vector')],
  ['histogram_quantiles', signature(['vector', 'string', 'scalar', 'scalar'], 'vector', Infinity)],
  ['histogram_fraction', signature(['scalar', 'scalar', 'vector'], 'vector')],
  ['label_replace', signature(['vector', 'string', 'string', 'string', 'string'], 'vector')],
  ['label_join', signature(['vector', 'string', 'string', 'string'], 'vector', Infinity)],
  ['info', signature(['vector', 'vector'], 'vector', 1)],
  ['vector', signature(['scalar'], 'vector')],
  ['scalar', signature(['vector'], 'scalar')],
])

/** Functions of native histograms alone, which the store does not hold. */
export const nativeHistogramFunctions: ReadonlySet<string> = new Set([
  ...['histogram_avg', 'histogram_count', 'histogram_sum', 'histogram_stddev', 'histogram_stdvar'],
])
/** Functions of what the store does not hold, with its name. */
export const startTimestampFunctions: ReadonlySet<string> = new Set(['start_timestamp'])
