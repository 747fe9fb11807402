import { data, json, labels, listOf, reference, strings, text } from './operation.ts'
import type { Answer, Operation } from './operation.ts'

const getAndPost = ['GET', 'POST'] as const
const get = ['GET'] as const
const filters = ['extra_label', 'extra_filters[]'] as const
const ofQuery = [
  'timeout',
  'limit',
  'lookback_delta',
  'stats',
  'round_digits',
  'nocache',
  ...filters,
] as const
const ofSeries = ['match[]', 'series start', 'series end', 'limit', ...filters] as const

const groups: Answer = data('Groups with their rules and alerts.', {
  type: 'object',
  properties: { groups: listOf(reference('RuleGroup')), groupNextToken: { type: 'string' } },
})
const alerts: Answer = data('Pending and firing alerts.', {
  type: 'object',
  properties: { alerts: listOf(reference('Alert')) },
})
const ofRules = [
  'type',
  'rule_name[]',
  'rule_group[]',
  'file[]',
  'match[]',
  'exclude_alerts',
  'group_limit',
  'group_next_token',
]
const notifiers: Answer = data('Alertmanagers in the shape of vmalert.', {
  type: 'object',
  properties: { notifiers: listOf({ type: 'object' }) },
})

type Row = readonly [
  path: string,
  methods: Operation['methods'],
  what: string,
  parameters: readonly string[],
  answer: Answer,
]

const rows: readonly Row[] = [
  [
    '/api/v1/query',
    getAndPost,
    'An expression at one moment.',
    ['query', 'time', 'rollupStep', ...ofQuery],
    data('A value.', reference('QueryData')),
  ],
  [
    '/api/v1/query_range',
    getAndPost,
    'An expression at every step of a range.',
    ['query', 'start', 'end', 'step', ...ofQuery],
    data('A matrix.', reference('QueryData')),
  ],
  [
    '/api/v1/query_exemplars',
    getAndPost,
    'Exemplars; none are kept.',
    ['query', 'start', 'end'],
    data('An empty list.', listOf({ type: 'object' })),
  ],
  [
    '/api/v1/labels',
    getAndPost,
    'The names of labels; without start and end of all time.',
    ofSeries,
    data('Names, sorted.', strings),
  ],
  [
    '/api/v1/label/:name/values',
    getAndPost,
    'The values of a label; without start and end of all time.',
    ['name', ...ofSeries],
    data('Values, sorted.', strings),
  ],
  [
    '/api/v1/series',
    getAndPost,
    'The label sets that match; without start and end of all time.',
    ['match[] required', ...ofSeries.slice(1)],
    data('Label sets, sorted.', listOf(labels)),
  ],
  [
    '/api/v1/series/count',
    getAndPost,
    'How many series there are.',
    [],
    data('One number.', listOf({ type: 'integer' })),
  ],
  [
    '/api/v1/metadata',
    getAndPost,
    'Types and help of metrics, as senders gave them.',
    ['metric', 'limit', 'limit_per_metric'],
    data('By metric.', { type: 'object' }),
  ],
  [
    '/api/v1/export',
    getAndPost,
    'Raw samples as JSON lines or text, streamed.',
    ['match[] required', 'series start', 'series end', 'export format', 'max_rows_per_line', ...filters],
    text('A line for each series, or several.', 'application/stream+json'),
  ],
  [
    '/api/v1/export/csv',
    getAndPost,
    'Raw samples as CSV, streamed.',
    ['match[] required', 'series start', 'series end', 'csv format', ...filters],
    text('A header and a line for each sample.', 'text/csv'),
  ],
  [
    '/api/v1/export/native',
    getAndPost,
    "Raw samples in VictoriaMetrics' native format, streamed.",
    ['match[] required', 'series start', 'series end', ...filters],
    text('Blocks of samples.', 'VictoriaMetrics/native'),
  ],
  [
    '/federate',
    get,
    'The last sample within 5 minutes of every series that matches.',
    ['match[] required', ...filters],
    text('Prometheus text format 0.0.4.'),
  ],
  [
    '/api/v1/format_query',
    getAndPost,
    'The expression in its canonical form.',
    ['query'],
    data('An expression.', { type: 'string' }),
  ],
  [
    '/api/v1/parse_query',
    getAndPost,
    'The syntax tree of an expression.',
    ['query'],
    data('A node.', { type: 'object' }),
  ],
  [
    '/prettify-query',
    getAndPost,
    'The expression in its canonical form.',
    ['query'],
    json('`query` is the expression.'),
  ],
  [
    '/expand-with-exprs',
    getAndPost,
    'The expression with its WITH templates expanded.',
    ['query'],
    json('`expr` is the expression.'),
  ],
  [
    '/api/v1/status/buildinfo',
    get,
    'The version of Prometheus whose API this is, and our own.',
    [],
    data('Versions.', labels),
  ],
  [
    '/api/v1/status/runtimeinfo',
    get,
    'Start, retention and damage of the store.',
    [],
    data('Facts.', { type: 'object' }),
  ],
  ['/api/v1/status/flags', get, 'The options in effect.', [], data('Values by name.', labels)],
  [
    '/api/v1/status/config',
    get,
    'The configuration in effect.',
    [],
    data('`yaml` is its text.', { type: 'object' }),
  ],
  [
    '/api/v1/status/walreplay',
    get,
    'The replay of the log, which is over.',
    [],
    data('Progress.', { type: 'object' }),
  ],
  [
    '/api/v1/status/tsdb',
    getAndPost,
    'Where series come from.',
    ['limit', 'topN', 'date', 'focusLabel', 'match[]', ...filters],
    data('Counts.', { type: 'object' }),
  ],
  ['/api/v1/status/active_queries', get, 'The queries that run now.', [], json('Queries.')],
  [
    '/api/v1/status/top_queries',
    get,
    'The queries that were asked most and took longest.',
    ['topN', 'maxLifetime'],
    json('Queries.'),
  ],
  ['/api/v1/targets', get, 'Scrape targets; there are none.', [], data('Empty lists.', { type: 'object' })],
  [
    '/api/v1/targets/metadata',
    get,
    'Metadata of targets; there are none.',
    [],
    data('An empty list.', listOf({ type: 'object' })),
  ],
  [
    '/api/v1/scrape_pools',
    get,
    'Scrape pools; there are none.',
    [],
    data('An empty list.', { type: 'object' }),
  ],
  [
    '/api/v1/notifications',
    get,
    'Notices of the server; there are none.',
    [],
    data('An empty list.', listOf({ type: 'object' })),
  ],
  ['/api/v1/alertmanagers', get, 'The Alertmanagers that get alerts.', [], data('URLs.', { type: 'object' })],
  ...['/api/v1/rules', '/rules', '/vmalert/api/v1/rules', '/vmalert/rules'].map((path): Row => [
    path,
    get,
    'Rule groups, rules and their alerts.',
    ofRules,
    groups,
  ]),
  ...['/api/v1/alerts', '/alerts', '/vmalert/api/v1/alerts', '/vmalert/alerts'].map((path): Row => [
    path,
    get,
    'Pending and firing alerts.',
    [],
    alerts,
  ]),
  ...['/api/v1/notifiers', '/notifiers', '/vmalert/api/v1/notifiers'].map((path): Row => [
    path,
    get,
    'The Alertmanagers that get alerts.',
    [],
    notifiers,
  ]),
  ['/health', get, 'Whether the process answers.', [], text('`OK`')],
  ['/-/healthy', get, 'Whether the process answers.', [], text('A sentence.')],
  [
    '/-/ready',
    get,
    'Whether everything behind the API has started; 503 until then.',
    [],
    text('A sentence.'),
  ],
  ['/ready', get, 'The same.', [], text('A sentence.')],
]

/** What addSelectApi mounts. */
export const selectOperations: readonly Operation[] = [
  ...rows.map(([path, methods, what, parameters, answer]): Operation => ({
    path,
    methods,
    mount: 'select',
    what,
    parameters,
    answer,
  })),
  {
    path: '/api/v1/read',
    methods: ['POST'],
    mount: 'select',
    what: 'Remote read 1.0 of Prometheus, with answers of the type SAMPLES.',
    body: { 'application/x-protobuf': 'A prometheus.ReadRequest, compressed with snappy.' },
    answer: text('A prometheus.ReadResponse, compressed with snappy.', 'application/x-protobuf'),
  },
]
