import type { Clock } from '../../common/clock.ts'
import type { CommandPayload } from '../../common/command/payload.ts'
import { PgherdError } from '../../common/errors.ts'
import type { Action, AgentControls, Noted } from './action.ts'
import { createTargetSession } from './open-target.ts'
import type { Targets } from './targets.ts'

/**
 * Undoes once what an action has noted, over a session of its own: that of the run may be broken.
 * @returns half a sentence for the operator
 * @throws PgherdError when it did not succeed
 */
export async function undoAction(
  action: Action,
  args: unknown,
  noted: Noted,
  options: {
    readonly payload: CommandPayload
    readonly clock: Clock
    readonly agent: AgentControls
    readonly targets: Targets
    readonly signal: AbortSignal
  },
): Promise<string> {
  const { payload, clock, agent, targets, signal } = options
  if (action.undo === undefined) throw new PgherdError('INTERNAL', `${action.kind} cannot be undone`)
  const session = createTargetSession(payload, targets)
  try {
    return await action.undo(
      {
        clock,
        agent,
        signal,
        command: payload.id,
        node: payload.node,
        server: payload.server,
        session: () => session.get(),
      },
      args,
      noted,
    )
  } finally {
    await session.close()
  }
}
