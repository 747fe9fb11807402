import { boolean, integer, path } from '../../common/config/kinds.ts'
import { option, optional } from '../../common/config/option-table.ts'

export const tuningOptions = {
  'tuning.enabled': option(
    boolean,
    'whether a history of each server is kept on this host, from which settings are recommended, and settings are changed when an operator says so',
    true,
  ),
  'tuning.directory': optional(
    path,
    'where the history and the changes are written down; `tuning` beside spool.directory by default',
  ),
  'tuning.history_days': option(
    integer({ min: 3, max: 400 }),
    'how many days of it are kept; those before the last two as hours',
    31,
  ),
} as const
