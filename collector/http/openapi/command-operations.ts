import { data, json, listOf } from './operation.ts'
import type { Operation } from './operation.ts'

const object = { type: 'object' } as const

const operations: readonly Omit<Operation, 'mount'>[] = [
  {
    path: '/api/v1/commands',
    methods: ['POST'],
    what: 'Takes signed commands, keeps them, and sends each to its agent now or when that returns.',
    body: {
      'application/json':
        '`commands`: up to 1,000 of `payload` (canonical JSON as it was signed) and `signatures`; `signatures_needed` 2 holds them for a second operator.',
    },
    answer: data('For each its `id` and `state`, or why it was not taken.', listOf(object)),
  },
  {
    path: '/api/v1/commands',
    methods: ['GET'],
    what: 'Commands, the newest first; what results show is in the answer for one command.',
    parameters: ['of node', 'kind', 'state', 'commands limit'],
    answer: data('Commands.', listOf(object)),
  },
  {
    path: '/api/v1/commands/wait',
    methods: ['POST'],
    what: 'Answers as soon as one of the commands changes, or with an empty list.',
    body: {
      'application/json': '`ids`, `after` (the newest version that is known already), `timeout_ms`',
    },
    answer: data('Those that have changed, the oldest version first.', listOf(object)),
  },
  {
    path: '/api/v1/commands/:id',
    methods: ['GET'],
    what: 'A command with its result.',
    parameters: ['id'],
    answer: data('The command.', object),
  },
  {
    path: '/api/v1/commands/:id/signed',
    methods: ['GET'],
    what: 'What was signed, word for word, and by which keys.',
    parameters: ['id'],
    answer: data('`payload` and `signatures`.', object),
  },
  {
    path: '/api/v1/commands/:id/signatures',
    methods: ['POST'],
    what: "Adds a second operator's signature to a command that is held.",
    parameters: ['id'],
    body: { 'application/json': '`key` and `signature`' },
    answer: data('The command.', object),
  },
  {
    path: '/api/v1/nodes/:node/actions',
    methods: ['GET'],
    what: 'What commands the agent of a node knows.',
    parameters: ['node'],
    answer: data('Actions.', listOf(object)),
  },
  {
    path: '/api/v1/clusters',
    methods: ['GET'],
    what: 'The clusters as agents report them: members, roles, who follows whom, and what is wrong with them.',
    answer: data('Clusters, by name.', listOf(object)),
  },
  {
    path: '/api/v1/clusters/:cluster',
    methods: ['GET'],
    what: 'One of them.',
    parameters: ['cluster'],
    answer: data('The cluster.', object),
  },
  {
    path: '/api/v1/backups',
    methods: ['GET'],
    what: 'Backups of every cluster as its agents report them: repositories, what can be restored, and what ran.',
    parameters: ['operation', 'runs limit'],
    answer: data('Clusters, by name.', listOf(object)),
  },
  {
    path: '/api/v1/backups/:cluster',
    methods: ['GET'],
    what: 'Those of one cluster.',
    parameters: ['cluster', 'operation', 'runs limit'],
    answer: data('The cluster.', object),
  },
  {
    path: '/api/v1/audit',
    methods: ['GET'],
    what: "Entries of an audit chain: the collector's own, or the copy of an agent's.",
    parameters: ['chain', 'after', 'entries limit'],
    answer: data('`entries` in order, and which `chains` there are.', object),
  },
  {
    path: '/api/v1/events',
    methods: ['GET'],
    what: 'What happened to the fleet, the newest first: agents, nodes, servers, commands, alerts.',
    parameters: ['events node', 'events cluster', 'events type', 'since', 'events after', 'events limit'],
    answer: data('Events.', listOf(object)),
  },
  {
    path: '/api/v1/annotations',
    methods: ['GET'],
    what: 'Events as annotations for Grafana: a bare list of `time` (milliseconds), `title`, `text` and `tags`.',
    parameters: ['events node', 'events cluster', 'events type', 'from', 'to', 'annotations limit'],
    answer: json('Annotations, the newest first.', listOf(object)),
  },
]

/** Commands, the audit and events. */
export const commandOperations: readonly Operation[] = operations.map((operation) => ({
  ...operation,
  mount: 'root',
}))
