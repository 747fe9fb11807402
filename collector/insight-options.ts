import { boolean, duration, integer } from '../common/config/kinds.ts'
import { option } from '../common/config/option-table.ts'

/** Options of what is made of what agents find out of databases. */
export const insightOptions = {
  'insight.query_texts': option(
    boolean,
    'whether the first 200 characters of normalised texts of statements are stored as a label, for boards',
    true,
  ),
  'insight.regression_interval': option(
    duration({ min: '1s', max: '1d' }),
    'how often statements are compared with what they did before',
    600_000,
  ),
  'insight.regression_window': option(
    duration({ min: '10s', max: '1d' }),
    'what of each statement is compared: the time until now',
    1_800_000,
  ),
  'insight.regression_reference': option(
    duration({ min: '30s', max: '90d' }),
    'with what: the time before that',
    7 * 86_400_000,
  ),
  'insight.index_days': option(
    integer({ min: 1, max: 400 }),
    'for how many days no member may have used an index before it is said that it can go',
    35,
  ),
} as const
