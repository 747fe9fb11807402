import { data, json, listOf } from './operation.ts'
import type { Operation } from './operation.ts'

const object = { type: 'object' } as const

const operations: readonly Omit<Operation, 'mount'>[] = [
  {
    path: '/api/v1/notify',
    methods: ['GET'],
    what: 'How alerts go out: to Alertmanagers, or to webhooks and by e-mail; what went wrong last with each.',
    answer: data('Who is told.', object),
  },
  {
    path: '/api/v1/rules/check',
    methods: ['POST'],
    what: 'Reads rule files as they would be read to be put in force, and does not put them in force.',
    body: { 'application/json': '`files`: of each its `name` and `text`' },
    answer: data('How many `groups` and `rules` there are, and the `problems`.', object),
  },
  {
    path: '/api/v1/rules/test',
    methods: ['POST'],
    what: "Runs promtool's unit tests over rule files that are sent along, by the collector's evaluator.",
    body: {
      'application/json':
        '`files`: of each its `name` and `text`; `tests`: names of those that are unit tests',
    },
    answer: data('Of each test file how many `checks` were made, `failures` and `problems`.', listOf(object)),
  },
  {
    path: '/api/v2/silences',
    methods: ['GET'],
    what: "Silences, those of the Alertmanager where there is one, in the shape of Alertmanager's API v2.",
    parameters: ['filter'],
    answer: json('The list itself.', listOf(object)),
  },
  {
    path: '/api/v2/silences',
    methods: ['POST'],
    what: 'Sets a silence, or changes the one whose `id` it has.',
    body: {
      'application/json': '`matchers`, `startsAt`, `endsAt`, `createdBy`, `comment`, and `id` for a change',
    },
    answer: json('`silenceID`'),
  },
  {
    path: '/api/v2/silence/:id',
    methods: ['GET'],
    what: 'One silence.',
    parameters: ['id'],
    answer: json('The silence itself.'),
  },
  {
    path: '/api/v2/silence/:id',
    methods: ['DELETE'],
    what: 'Ends a silence now.',
    parameters: ['id'],
    answer: { what: 'It has ended.' },
  },
]

/** Who is told of alerts, and of which not. */
export const alertOperations: readonly Operation[] = operations.map((operation) => ({
  ...operation,
  mount: 'root',
}))
