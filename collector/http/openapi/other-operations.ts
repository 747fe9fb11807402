import { channelPath } from '../../../common/wire/channel.ts'
import { data, json, listOf, nothing, text } from './operation.ts'
import type { Operation } from './operation.ts'

const filters = ['extra_label', 'extra_filters[]'] as const
const writes = ['POST', 'PUT'] as const

/** What addAdminApi and addDeleteApi mount. */
const adminOperations: readonly Operation[] = [
  {
    path: '/api/v1/admin/tsdb/delete_series',
    methods: writes,
    mount: 'delete',
    what: 'Deletes series with all of their samples.',
    parameters: ['match[] required', ...filters],
    answer: nothing('They are deleted, durably.'),
  },
  {
    path: '/api/v1/admin/tsdb/snapshot',
    methods: writes,
    mount: 'admin',
    what: 'Makes a snapshot of everything acknowledged so far.',
    answer: data('`name` is its name.', { type: 'object' }),
  },
  {
    path: '/api/v1/admin/tsdb/clean_tombstones',
    methods: writes,
    mount: 'admin',
    what: 'Frees the space of deleted series and merges blocks; answered when that is done.',
    answer: nothing('Done.'),
  },
  {
    path: '/internal/force_merge',
    methods: ['GET', 'POST'],
    mount: 'admin',
    what: 'Starts to merge blocks and to free the space of deleted series.',
    answer: text('`OK`'),
  },
  {
    path: '/internal/force_flush',
    methods: ['GET', 'POST'],
    mount: 'admin',
    what: 'Has nothing to do: samples are durable and visible when they are acknowledged.',
    answer: text('`OK`'),
  },
  {
    path: '/snapshot/create',
    methods: ['GET', 'POST'],
    mount: 'admin',
    what: 'Makes a snapshot.',
    answer: json('`snapshot` is its name.'),
  },
  {
    path: '/snapshot/list',
    methods: ['GET'],
    mount: 'admin',
    what: 'The snapshots there are.',
    answer: json('`snapshots` are their names.'),
  },
  {
    path: '/snapshot/delete',
    methods: ['POST'],
    mount: 'admin',
    what: 'Deletes a snapshot.',
    parameters: ['snapshot'],
    answer: json('Done.'),
  },
  {
    path: '/snapshot/delete_all',
    methods: ['POST'],
    mount: 'admin',
    what: 'Deletes all snapshots.',
    answer: json('Done.'),
  },
  {
    path: '/-/reload',
    methods: writes,
    mount: 'admin',
    what: 'Reads the rule files again; if any has a mistake all stays as it was, and the answer is 500 with each of them.',
    answer: { what: 'They are in force.' },
  },
]

const rootOperations: readonly Omit<Operation, 'mount'>[] = [
  {
    path: '/metrics',
    methods: ['GET'],
    what: 'The collector about itself.',
    answer: text('Prometheus text format.'),
  },
  { path: '/flags', methods: ['GET'], what: 'The options in effect.', answer: text('A line for each.') },
  {
    path: '/dashboards/',
    methods: ['GET'],
    what: 'The Grafana dashboards that come with pgherd.',
    answer: json('`[{uid, title, tags, file}]`', listOf({ type: 'object' })),
  },
  {
    path: '/dashboards/:file',
    methods: ['GET'],
    what: 'One of them, as Grafana reads it.',
    parameters: ['file'],
    answer: json('A dashboard in the classic schema.'),
  },
  {
    path: '/api/v1/nodes',
    methods: ['GET'],
    what: 'The fleet: every agent with what is known of it.',
    answer: data('Nodes.', listOf({ type: 'object' })),
  },
  {
    path: '/api/v1/nodes/:node/ping',
    methods: ['POST'],
    what: 'Asks an agent for a sign of life over its channel.',
    parameters: ['node'],
    answer: data('What it answered.', { type: 'object' }),
  },
  {
    path: channelPath,
    methods: ['GET'],
    what: 'The WebSocket of an agent.',
    answer: { status: 101, what: 'The connection is a WebSocket from here on.' },
  },
  {
    path: '/api/v1/openapi.json',
    methods: ['GET'],
    what: 'This description.',
    answer: json('An OpenAPI 3.1 document.'),
  },
  {
    path: '/api/v1/openapi.yaml',
    methods: ['GET'],
    what: 'This description.',
    answer: text('An OpenAPI 3.1 document.', 'application/yaml'),
  },
]

/** Administration, the fleet, and the collector itself. */
export const otherOperations: readonly Operation[] = [
  ...adminOperations,
  {
    path: '/',
    methods: ['GET'],
    mount: 'page',
    what: 'The web page.',
    answer: text('The page.', 'text/html'),
  },
  ...rootOperations.map((operation): Operation => ({ ...operation, mount: 'root' })),
]
