import { sameFor, signature } from './signature.ts'
import type { Signature } from './signature.ts'

/** A vector and at least one pair of texts; the last may be repeated or left out. */
const pairs = signature(['vector', 'string', 'string', 'string'], 'vector', Infinity)
const overRange = `default_rollup increase_pure increase_prometheus rate_prometheus delta_prometheus
  changes_prometheus median_over_time mode_over_time distinct_over_time range_over_time sum2_over_time
  geomean_over_time tmin_over_time tmax_over_time tfirst_over_time tlast_over_time increases_over_time
  decreases_over_time ascent_over_time descent_over_time lag lifetime scrape_interval zscore_over_time
  integrate deriv_fast ideriv rate_over_sum rollup_candlestick`
const comparedOverRange = `share_gt_over_time share_le_over_time share_eq_over_time count_gt_over_time
  count_le_over_time count_eq_over_time count_ne_over_time sum_gt_over_time sum_le_over_time sum_eq_over_time`
const rollups = 'rollup rollup_rate rollup_increase rollup_delta rollup_deriv rollup_scrape_interval'
const ofWholeSeries = `running_sum running_avg running_min running_max range_sum range_avg range_min range_max
  range_first range_last range_median range_stddev range_stdvar keep_last_value keep_next_value interpolate
  range_normalize range_zscore range_mad range_linear_regression remove_resets drop_common_labels prometheus_buckets`
const ofLabels = `label_del label_keep label_uppercase label_lowercase labels_equal sort_by_label_numeric
  sort_by_label_numeric_desc`

const ofShare = `range_quantile buckets_limit histogram_share range_trim_outliers range_trim_spikes
  range_trim_zscore`

/** Arguments and result of MetricsQL's own functions; all take a number where a vector is wanted. */
const shapes: readonly (readonly [string, Signature])[] = [
  ...sameFor(overRange, signature(['matrix'], 'vector')),
  ...sameFor(comparedOverRange, signature(['matrix', 'scalar'], 'vector')),
  ...sameFor(rollups, signature(['matrix', 'string'], 'vector', 1)),
  ...sameFor(ofWholeSeries, signature(['vector'], 'vector')),
  ...sameFor(ofLabels, signature(['vector', 'string'], 'vector', Infinity)),
  ...sameFor('bitmap_and bitmap_or bitmap_xor smooth_exponential', signature(['vector', 'scalar'], 'vector')),
  ...sameFor(ofShare, signature(['scalar', 'vector'], 'vector')),
  ...sameFor('label_set label_copy label_move', pairs),
  ...sameFor('label_value alias', signature(['vector', 'string'], 'vector')),
  ...sameFor('label_match label_mismatch', signature(['vector', 'string', 'string'], 'vector')),
  ...sameFor('rand rand_normal rand_exponential', signature(['scalar'], 'scalar', 1)),
  ['label_map', signature(['vector', 'string', 'string', 'string', 'string'], 'vector', Infinity)],
  ['label_transform', signature(['vector', 'string', 'string', 'string'], 'vector')],
  ['limit_offset', signature(['scalar', 'scalar', 'vector'], 'vector')],
  ['union', signature(['vector'], 'vector', Infinity)],
  ['ru', signature(['vector', 'vector'], 'vector')],
  ['holt_winters', signature(['matrix', 'scalar', 'scalar'], 'vector')],
  ['now', signature([], 'scalar')],
]

export const metricsqlSignatures: ReadonlyMap<string, Signature> = new Map(
  shapes.map(([name, shape]) => [name, { ...shape, metricsql: true }]),
)

/** Names that MetricsQL gives a meaning and we do not, so that an error can say so. */
export const unsupportedMetricsql: ReadonlySet<string> = new Set(
  `aggr_over_time count_values_over_time duration_over_time histogram histogram_over_time hoeffding_bound_lower
  hoeffding_bound_upper iqr label_graphite_group mad outlier_iqr_over_time outliers_iqr outliers_mad quantiles
  quantiles_over_time stale_samples_over_time timestamp_with_name timezone_offset
  tlast_change_over_time ttf`.split(/\s+/),
)
