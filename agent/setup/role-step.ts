import type { Clock } from '../../common/clock.ts'
import { quoteLiteral } from '../postgres/quote-literal.ts'
import type { UserNames } from './host/user-names.ts'
import type { PlannedServer } from './plan.ts'
import { openAsOwner } from './server/open-as-owner.ts'
import { inTransaction, roleStatements } from './server/role-statements.ts'
import { scramVerifier } from './server/scram-verifier.ts'
import type { Step } from './step.ts'

const timeoutMs = 10_000
const saltBytes = 16

/** Makes the role of one server ready, in one transaction. @param password of the role, of which the server gets the verifier alone */
export function roleStep(
  { server, facts, isReady, setsPassword }: PlannedServer,
  role: string,
  password: string | undefined,
  {
    users,
    clock,
    randomBytes,
  }: {
    readonly users: UserNames
    readonly clock: Clock
    readonly randomBytes: (size: number) => Buffer
  },
): Step | undefined {
  if (isReady) return undefined
  const owner = users.nameOf(server.uid) ?? ''
  const statements = (verifier: string): readonly string[] =>
    inTransaction(roleStatements(role, facts, setsPassword ? verifier : undefined))
  return {
    title: `The role ${role} on port ${server.port}, as ${owner} over ${server.socketDirectory ?? ''}`,
    shows: [
      ...statements(`'SCRAM-SHA-256$…'`).map((one) => `${one};`),
      ...(setsPassword ? ['-- of the password the server gets the verifier alone, made here'] : []),
    ],
    changes: true,
    async run() {
      const verifier =
        password === undefined ? '' : quoteLiteral(scramVerifier(password, randomBytes(saltBytes)))
      using connection = await openAsOwner(server, { users, clock, isWriting: true })
      for (const text of statements(verifier)) await connection.query({ text }, timeoutMs)
      return [`the role ${role} is ready`]
    },
  }
}
