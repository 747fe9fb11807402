import { boolean, duration, integer, path } from '../../common/config/kinds.ts'
import { option, optional } from '../../common/config/option-table.ts'

export const insightOptions = {
  'insight.enabled': option(
    boolean,
    'whether this host looks into its servers for more than figures: statements, waits, schema, indexes and stuck sessions',
    true,
  ),
  'insight.directory': optional(
    path,
    'where what was found is kept until the collector has it; `insight` beside spool.directory by default',
  ),
  'insight.statements': option(
    boolean,
    'whether what statements do is read from pg_stat_statements: counters, and how long they take',
    true,
  ),
  'insight.statements_top': option(
    integer({ min: 1, max: 500 }),
    'how many statements of each server have series of their own; all others are one',
    80,
  ),
  'insight.waits': option(boolean, 'whether what active sessions wait for is looked at each second', true),
  'insight.schema': option(boolean, 'whether changes of the schema are found and told', true),
  'insight.schema_log': option(
    boolean,
    'whether who changed a schema is looked for in the log of the server, where that may be read',
    true,
  ),
  'insight.indexes': option(
    boolean,
    'whether indexes are looked at: unused, double, invalid, bloated, missing',
    true,
  ),
  'insight.index_interval': option(
    duration({ min: '1s', max: '1d' }),
    'how often indexes are looked at; what is lost between two looks when the server forgets its counters is no evidence',
    3_600_000,
  ),
  'watchdog.policy_file': optional(
    path,
    'what is to be done about stuck sessions; without it nothing, and none are looked for',
  ),
} as const
