import { data, listOf } from './operation.ts'
import type { Operation } from './operation.ts'

const object = { type: 'object' } as const
const scope = ['statements cluster', 'statements server', 'statements datname'] as const

const operations: readonly Omit<Operation, 'mount'>[] = [
  {
    path: '/api/v1/queries',
    methods: ['GET'],
    what: 'The statements that took most within a range, with percentiles, and what all others did together.',
    parameters: [...scope, 'statements start', 'statements end', 'statements sort', 'statements limit'],
    answer: data('`rows`, `others`, and percentiles of all executions.', object),
  },
  {
    path: '/api/v1/queries/compare',
    methods: ['GET'],
    what: 'Statements in two ranges, those that changed most in front.',
    parameters: [
      ...scope,
      'statements start',
      'statements end',
      'before_start',
      'before_end',
      'statements sort',
      'statements limit',
    ],
    answer: data('`rows` with figures of `before` and `after`.', object),
  },
  {
    path: '/api/v1/queries/texts',
    methods: ['GET'],
    what: 'Normalised texts of statements.',
    parameters: ['statements cluster', 'statements datname', 'queryid'],
    answer: data('Those that are known.', listOf(object)),
  },
  {
    path: '/api/v1/queries/:query',
    methods: ['GET'],
    what: 'One statement within a range: over time, by server, with its text.',
    parameters: ['path queryid', ...scope, 'statements start', 'statements end'],
    answer: data('`found`: one for each cluster and database that knows it.', object),
  },
  {
    path: '/api/v1/ddl',
    methods: ['GET'],
    what: 'Changes of schemas, the newest first: what, when, by whom, from where, by which statement and with which lock.',
    parameters: [
      ...['ddl cluster', 'ddl database', 'ddl kind', 'object', 'actor', 'change', 'under'],
      ...['since', 'until', 'ddl after', 'ddl limit'],
    ],
    answer: data('Changes.', listOf(object)),
  },
  {
    path: '/api/v1/ddl/state',
    methods: ['GET'],
    what: 'What there was in the schemas of a cluster at an instant.',
    parameters: ['required cluster', 'ddl database', 'at', 'object', 'ddl state limit'],
    answer: data('`objects`, and `knownSinceMs`, before which nothing is known.', object),
  },
  {
    path: '/api/v1/ddl/diff',
    methods: ['GET'],
    what: 'How the schemas of a cluster differ between two instants.',
    parameters: ['required cluster', 'ddl database', 'ddl from', 'ddl to'],
    answer: data('`differences`, and `knownSinceMs`, before which nothing is known.', object),
  },
  {
    path: '/api/v1/ddl/:change',
    methods: ['GET'],
    what: 'One change.',
    parameters: ['path change'],
    answer: data('The change.', object),
  },
  {
    path: '/api/v1/watchdog',
    methods: ['GET'],
    what: 'What watchdogs have seen of stuck sessions and done about them, the newest first, with the evidence.',
    parameters: ['watchdog cluster', 'watchdog server', 'deed', 'number', 'since', 'watchdog limit'],
    answer: data('Reports.', listOf(object)),
  },
  {
    path: '/api/v1/indexes',
    methods: ['GET'],
    what: 'What is wrong with indexes: unused by every member of a cluster, double, invalid, bloated, missing; with the evidence of each member.',
    parameters: ['indexes cluster', 'indexes database', 'finding', 'indexes name', 'days'],
    answer: data('`days`, `findings`, those worth the most first, and `notes`.', object),
  },
  {
    path: '/api/v1/indexes/saved',
    methods: ['GET'],
    what: 'Dropped indexes of a cluster, the newest first, with what they are built of again, as their hosts have told it.',
    parameters: ['saved cluster'],
    answer: data('Dropped indexes.', listOf(object)),
  },
]

/** What is known of the insides of databases. */
export const insightOperations: readonly Operation[] = operations.map((operation) => ({
  ...operation,
  mount: 'root',
}))
