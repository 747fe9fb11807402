import type { ValueType } from './ast.ts'

export interface Signature {
  readonly args: readonly ValueType[]
  /** How many arguments at the end may be left out; Infinity: the last may be repeated or left out. */
  readonly optional: number
  readonly returns: ValueType
}

const signature = (args: readonly ValueType[], returns: ValueType, optional = 0): Signature => ({
  args,
  optional,
  returns,
})
const sameFor = (names: string, shape: Signature): [string, Signature][] =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => [name, shape])

const elementwise = `abs ceil floor exp ln log2 log10 sqrt sgn acos acosh asin asinh atan atanh cos cosh sin sinh
  tan tanh deg rad sort sort_desc timestamp absent histogram_avg histogram_count histogram_sum
  histogram_stddev histogram_stdvar`
const overRange = `rate irate increase delta idelta deriv changes resets avg_over_time min_over_time max_over_time
  sum_over_time count_over_time last_over_time first_over_time present_over_time absent_over_time
  stddev_over_time stdvar_over_time mad_over_time ts_of_first_over_time ts_of_last_over_time
  ts_of_max_over_time ts_of_min_over_time`
const calendar = 'minute hour day_of_week day_of_month day_of_year days_in_month month year'

/** Arguments and result of every function. */
export const signatures: ReadonlyMap<string, Signature> = new Map([
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
