import { joinPath, renewPath } from '../../../common/wire/join.ts'
import { data, listOf } from './operation.ts'
import type { Operation } from './operation.ts'

const token = { type: 'object' } as const

const operations: readonly Omit<Operation, 'mount'>[] = [
  {
    path: '/api/v1/tokens',
    methods: ['GET'],
    what: 'The bearer tokens, without their secrets.',
    answer: data('Tokens.', listOf(token)),
  },
  {
    path: '/api/v1/tokens',
    methods: ['POST'],
    what: 'Makes a bearer token.',
    body: {
      'application/json': '`name`, `role` (viewer, writer, operator, admin), `lifetime_ms` (null for ever)',
    },
    answer: data('The token; its text is in no other answer.', token),
  },
  {
    path: '/api/v1/tokens/:id',
    methods: ['DELETE'],
    what: 'Revokes a bearer token, at once.',
    parameters: ['id'],
    answer: data('The token as it is now.', token),
  },
  {
    path: '/api/v1/whoami',
    methods: ['GET'],
    what: 'Whom the collector takes the sender for.',
    answer: data('`name` of the token, null without one, and `role`.', { type: 'object' }),
  },
  {
    path: '/api/v1/nodes/:node/join-token',
    methods: ['POST'],
    what: 'Makes a token with which the agent of a node joins, once.',
    parameters: ['node'],
    body: { 'application/json': '`lifetime_ms`, an hour unless told' },
    answer: data('The token, and the fingerprint of the authority.', { type: 'object' }),
  },
  {
    path: '/api/v1/nodes/:node/revoke',
    methods: ['POST'],
    what: "Ends a node's certificates and join tokens, and closes its channel.",
    parameters: ['node'],
    body: { 'application/json': '`reason`, for the audit' },
    answer: data('How many have ended.', { type: 'object' }),
  },
  {
    path: joinPath,
    methods: ['POST'],
    what: 'A join token against a certificate.',
    body: { 'application/json': '`token` and `csr`, a PKCS #10 request as PEM' },
    answer: data('The certificate and whom to trust, as PEM.', { type: 'object' }),
    security: [],
  },
  {
    path: renewPath,
    methods: ['POST'],
    what: 'A further certificate for an agent, by its present one.',
    body: { 'application/json': '`csr`, a PKCS #10 request as PEM' },
    answer: data('The certificate and whom to trust, as PEM.', { type: 'object' }),
    security: [{ agent: [] }],
  },
]

/** Tokens, and how agents become part of the fleet. */
export const trustOperations: readonly Operation[] = operations.map((operation) => ({
  ...operation,
  mount: 'root',
}))
