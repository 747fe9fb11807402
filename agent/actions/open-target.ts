import type { CommandPayload } from '../../common/command/payload.ts'
import { PgherdError } from '../../common/errors.ts'
import type { ActionSession } from '../postgres/action-session.ts'
import type { Targets } from './targets.ts'
import { systemProblem } from './verify-command.ts'

const connectMs = 10_000

/** A session with what a command names, opened when first asked for. */
export interface TargetSession {
  /** @throws PgherdError REFUSED when it is not the server that the command is for, or of `openActionSession` */
  get(): Promise<ActionSession>
  /** Until it is asked for again. Never rejects. */
  close(): Promise<void>
}

export function createTargetSession(payload: CommandPayload, targets: Targets): TargetSession {
  let session: Promise<ActionSession> | undefined
  return {
    get: () => (session ??= openTarget(payload, targets)),
    async close() {
      await session?.then((opened) => opened[Symbol.asyncDispose]()).catch(() => undefined)
      session = undefined
    },
  }
}

/** @throws PgherdError as `TargetSession.get` */
async function openTarget(payload: CommandPayload, targets: Targets): Promise<ActionSession> {
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
