export interface Parameter {
  readonly name: string
  readonly in: 'query' | 'path'
  readonly what: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean'
  readonly required?: boolean
  /** May be given several times. */
  readonly repeated?: boolean
}

const time =
  'Seconds with a fraction, milliseconds, RFC 3339 or its beginning, or relative to now (`now-1h`).'

const query = (name: string, what: string, more: Partial<Parameter> = {}): [string, Parameter] => [
  name,
  { name, in: 'query', what, type: 'string', ...more },
]
/** A parameter that means something else elsewhere has a key of its own. */
const as = (key: string, [, parameter]: [string, Parameter]): [string, Parameter] => [key, parameter]

const selector = { repeated: true } as const
const integer = { type: 'integer' } as const
const number = { type: 'number' } as const

/** Every parameter of the API, by a key that operations name. */
export const parameters: ReadonlyMap<string, Parameter> = new Map([
  query('query', 'An expression in PromQL or MetricsQL.', { required: true }),
  query('time', `The moment of evaluation, by default now. ${time}`),
  query('start', `The first moment. ${time}`),
  query('end', `The last moment, included. ${time}`),
  query('step', 'The distance of two points: a duration (`15s`) or seconds; 5 minutes where it is left out.'),
  as(
    'rollupStep',
    query(
      'step',
      'What MetricsQL takes as the window of a rollup that names none; 5 minutes where it is left out.',
    ),
  ),
  query('timeout', "A deadline shorter than the collector's own: a duration or seconds."),
  query(
    'limit',
    'The most series or entries of the answer, a warning says what was left out; 0 means all.',
    integer,
  ),
  query('lookback_delta', 'How far back a selector looks for a sample; `max_lookback` is the same.'),
  query('stats', '`all` adds timings and counts of samples to the answer.'),
  query('round_digits', 'Rounds values to so many digits after the point.', integer),
  query('nocache', 'Has no effect: nothing is cached.'),
  query('extra_label', '`name=value`, which every series must have as well.', selector),
  as('added label', query('extra_label', '`name=value`, a label that every series gets.', selector)),
  as('sample time', query('timestamp', 'Milliseconds, of samples without a time; by default now.', integer)),
  as(
    'csv format',
    query('format', 'What the columns are: `1:label:ticker,2:metric:price,3:time:unix_s`.', {
      required: true,
    }),
  ),
  query('db', 'The value of the label `db`; `bucket` is the same.'),
  query('precision', 'The unit of times: ns, us, ms, s, m or h; without it their size tells.'),
  query('filter', 'A matcher such as `cls="pg-main"`; silences must have every one among theirs.', selector),
  query('extra_filters[]', 'A selector; every series must match any of them as well.', selector),
  query('match[]', 'A selector of series; a series counts when it matches any of them.', selector),
  as('match[] required', query('match[]', 'A selector of series.', { ...selector, required: true })),
  as(
    'series start',
    query('start', `Only series with samples from then on; by default of all time. ${time}`),
  ),
  as('series end', query('end', `Only series with samples until then; by default of all time. ${time}`)),
  [
    'name',
    {
      name: 'name',
      in: 'path',
      what: 'A label; `U__` begins an escaped one.',
      type: 'string',
      required: true,
    },
  ],
  ['rest', { name: 'rest', in: 'path', what: 'The rest of the path.', type: 'string', required: true }],
  ['id', { name: 'id', in: 'path', what: 'An id, as lists have it.', type: 'string', required: true }],
  ['node', { name: 'node', in: 'path', what: 'The instance of an agent.', type: 'string', required: true }],
  ['file', { name: 'file', in: 'path', what: 'As the list has it.', type: 'string', required: true }],
  ['cluster', { name: 'cluster', in: 'path', what: 'A cls label.', type: 'string', required: true }],
  query('max_rows_per_line', 'The most samples of one line; 50,000 at most.', integer),
  as('export format', query('format', '`prometheus` (text) or `promapi` (a matrix) instead of JSON lines.')),
  as(
    'csv format',
    query('format', 'Columns: labels, `__value__`, `__timestamp__:unix_s|unix_ms|unix_ns|rfc3339`.', {
      required: true,
    }),
  ),
  query('topN', 'The length of the lists, 10 unless told.', integer),
  query(
    'date',
    'The day (YYYY-MM-DD) whose series are counted, 0 for all time, by default those active now.',
  ),
  query('focusLabel', 'A label whose values are counted too.'),
  query('maxLifetime', 'How far back queries are counted, 10 minutes unless told.'),
  query('type', '`alert` or `record`.'),
  query('rule_name[]', 'Only rules of these names.', selector),
  query('rule_group[]', 'Only groups of these names.', selector),
  query('file[]', 'Only groups of these files.', selector),
  query('exclude_alerts', 'Leaves the alerts of rules out.', { type: 'boolean' }),
  query('group_limit', 'The groups of one page.', integer),
  query('group_next_token', 'What the page before said.'),
  query('snapshot', 'The name of a snapshot.', { required: true }),
  query('metric', 'Only this metric.'),
  query('limit_per_metric', 'The most entries of one metric.', integer),
  as('of node', query('node', 'Only those of this node.')),
  query('kind', 'Only those of this kind.'),
  query('state', 'Only those in this state.'),
  as('events node', query('node', 'Only events of this node or server.')),
  as('events cluster', query('cluster', 'Only events of this cluster.')),
  as('events type', query('type', 'Only events of this type.', selector)),
  query('since', `Only events from then on. ${time}`),
  as('events after', query('after', 'Only events with a higher `seq`.', integer)),
  as(
    'events limit',
    query('limit', 'The most events of the answer, 100 unless told, 10,000 at most.', integer),
  ),
  query('from', `Only events from then on. ${time}`),
  query('to', `Only events until then. ${time}`),
  as(
    'annotations limit',
    query('limit', 'The most annotations of the answer, 1,000 unless told, 10,000 at most.', integer),
  ),
  as(
    'commands limit',
    query('limit', 'The most commands of the answer, 100 unless told, 1,000 at most.', integer),
  ),
  query(
    'operation',
    'Only runs of this operation: full, diff, incr, verify, drill, expire or restore.',
    selector,
  ),
  as('runs limit', query('limit', 'The most runs of each cluster, 50 unless told, 5,000 at most.', integer)),
  as(
    'entries limit',
    query('limit', 'The most entries of the answer, 1,000 unless told, 10,000 at most.', integer),
  ),
  as('statements cluster', query('cluster', 'Only statements of this cluster.')),
  as('statements server', query('server', 'Only what this server executed.')),
  as('statements datname', query('datname', 'Only statements of this database.')),
  as('statements start', query('start', `The first moment, an hour before the end unless told. ${time}`)),
  as('statements end', query('end', `The last moment, by default now. ${time}`)),
  as(
    'statements sort',
    query(
      'sort',
      '`time` unless told, `calls`, `mean`, `p50`, `p95`, `p99`, `rows`, `io`, `wal`, `temp` or `blocks`.',
    ),
  ),
  as(
    'statements limit',
    query('limit', 'The most statements of the answer, 20 unless told, 200 at most.', integer),
  ),
  query('before_start', `The first moment of the earlier range, an hour before its end unless told. ${time}`),
  query('before_end', `The last moment of the earlier range, by default the start of the other. ${time}`),
  as('queryid', query('query', 'A queryid of pg_stat_statements; 500 at most.', selector)),
  as('ddl cluster', query('cluster', 'Only changes of this cluster.')),
  as('required cluster', query('cluster', 'The name of a cluster.', { required: true })),
  as(
    'ddl database',
    query('database', 'Only of this database; empty for what belongs to servers as a whole.'),
  ),
  as('ddl kind', query('kind', 'Only objects of this kind, such as `table` or `index`.')),
  query('object', 'Only objects of this name, with or without its schema; `*` stands for anything.'),
  query('actor', 'Only changes by this role.'),
  query('change', 'Only these: `created`, `dropped`, `altered` and so on.', selector),
  query('under', 'Only what changed along with the change of this number, such as partitions.', integer),
  query('until', `The last moment. ${time}`),
  as('ddl after', query('after', 'Only changes with a higher `seq`.', integer)),
  as('watchdog cluster', query('cluster', 'Only servers of this cluster.')),
  as('watchdog server', query('server', 'Only this server, by its ins label.')),
  query('number', 'Only the report of this number.', integer),
  query('deed', 'Only what was done so, such as `terminated` or `reported`.'),
  as(
    'watchdog limit',
    query('limit', 'The most reports of the answer, 50 unless told, 1000 at most.', integer),
  ),
  as('ddl limit', query('limit', 'The most changes of the answer, 100 unless told, 5000 at most.', integer)),
  query('at', `The moment, by default now. ${time}`),
  as('ddl state limit', query('limit', 'The most objects of the answer, 1000 unless told.', integer)),
  as('ddl from', query('from', `The earlier moment. ${time}`, { required: true })),
  as('ddl to', query('to', `The later moment, by default now. ${time}`)),
  [
    'path change',
    { name: 'change', in: 'path', what: 'The number of a change.', type: 'integer', required: true },
  ],
  as('saved cluster', query('cluster', 'The cluster.', { required: true })),
  as('indexes cluster', query('cluster', 'Only indexes of this cluster.')),
  as('indexes database', query('database', 'Only indexes of this database.')),
  query('finding', 'Only this finding: unused, duplicate, redundant, invalid, bloated or missing.'),
  as('indexes name', query('name', 'Only the index of this name, with or without its schema.')),
  query(
    'days',
    'For how long nobody may have used an index, in days; insight.index_days unless told.',
    number,
  ),
  [
    'path queryid',
    { name: 'query', in: 'path', what: 'A queryid of pg_stat_statements.', type: 'string', required: true },
  ],
  query('chain', '`collector` unless told, or a node; `<node>~<number>` is what it had before a break.'),
  query('after', 'The number of an entry: those behind it.', integer),
])
