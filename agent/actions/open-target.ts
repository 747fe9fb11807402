import type { CommandPayload } from '../../common/command/payload.ts'
import { PgherdError } from '../../common/errors.ts'
import type { ActionSession } from '../postgres/action-session.ts'
import type { Targets } from './targets.ts'
import { systemProblem } from './verify-command.ts'

const connectMs = 10_000

/** Connects to what a command names. @throws PgherdError REFUSED when it is not the server that the command is for */
export async function openTarget(payload: CommandPayload, targets: Targets): Promise<ActionSession> {
  const { server, system_identifier: named } = payload
  const target = server === null ? undefined : targets.find(server)
  if (server === null || target === undefined) {
    throw new PgherdError('BAD_REQUEST', `${payload.kind} needs a server to be about`)
  }
  const session = await target.open(Math.min(connectMs, payload.deadline_ms))
  try {
    const { systemIdentifier } = session
    if (target.kind === 'postgres') {
      targets.note(server, systemIdentifier)
      if (systemIdentifier === undefined) {
        const message = `${server} does not tell its system identifier, so it may be another server than the one that is meant`
        throw new PgherdError('REFUSED', message, { details: { reason: 'wrong-system' } })
      }
    }
    const problem = systemProblem(server, named, {
      kind: target.kind,
      systemIdentifier: systemIdentifier ?? null,
    })
    if (problem !== undefined) {
      throw new PgherdError('REFUSED', problem.message, { details: { reason: problem.reason } })
    }
    return session
  } catch (error) {
    await session[Symbol.asyncDispose]()
    throw error
  }
}
