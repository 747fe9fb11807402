import { duration, integer, list, text, url } from '../../common/config/kinds.ts'
import { option, optional, required } from '../../common/config/option-table.ts'
import { records, texts } from '../../common/config/records.ts'
import { accessFields } from '../../common/config/access-options.ts'
import { labelPattern, metricPattern } from './names.ts'

const labelMap = texts({ pattern: labelPattern, allowed: 'a map of label names to values' })

/** What every scraped HTTP endpoint can be given. */
export const endpointFields = {
  interval: optional(
    duration({ min: '1s', max: '1h' }),
    'time between measurements; scrape.interval unless told',
  ),
  timeout: optional(
    duration({ min: '100ms', max: '5m' }),
    'deadline of one request; scrape.timeout unless told',
  ),
  labels: option(labelMap, 'labels of all its series', {}),
  keep: optional(list(metricPattern), 'regular expressions; only metrics that one of them matches are kept'),
  drop: optional(list(metricPattern), 'regular expressions; metrics that one of them matches are dropped'),
  sample_limit: optional(integer({ min: 1, max: 1_000_000 }), 'an answer with more samples is refused'),
  ...accessFields,
} as const

export const scrapeOptions = {
  'scrape.interval': option(duration({ min: '1s', max: '5m' }), 'time between measurements', 10_000),
  'scrape.timeout': option(
    duration({ min: '100ms', max: '5m' }),
    'deadline of one measurement of one source; below the interval',
    8_000,
  ),
  'scrape.max_series': option(
    integer({ min: 1_000, max: 10_000_000 }),
    'series that the agent may have; further ones are left out and counted',
    50_000,
  ),
  'scrape.endpoints': option(
    records({
      url: required(url(['http', 'https']), 'of its metrics'),
      job: required(
        text({ pattern: /^[A-Za-z0-9_.-]+$/, allowed: 'letters, digits, dots, dashes and underscores' }),
        'the job label',
      ),
      ...endpointFields,
    }),
    'any further Prometheus endpoints',
    [],
  ),
} as const
