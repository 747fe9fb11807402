import { z } from 'zod'
import { PgherdError } from '../../common/errors.ts'
import type { Action } from './action.ts'

const args = z.strictObject({ command: z.uuid() })

/**
 * The one action about other commands. It takes no lock and no place among those that may run at a time.
 * @param cancel ends a command that waits or runs, and resolves when it is over; what became of it, or undefined for
 * one that is neither
 */
export function createCancelAction(
  cancel: (id: string, by: string) => Promise<string> | undefined,
): Action<z.output<typeof args>> {
  const unknown = (id: string) =>
    new PgherdError('NOT_FOUND', `there is no command ${id} that waits or runs on this node`)
  return {
    kind: 'cancel',
    what: 'end a command that waits or runs',
    // It changes nothing on a server; what it ends had to be allowed itself.
    risk: 'read',
    target: 'node',
    args,
    deadlineMs: 10_000,
    examples: ['agentctl run cancel -n pg-main-1 command=6f1c2f0e-3c1d-4c7e-9f3a-2b8f6f0d1e2c'],
    plan: (_, { command }) => Promise.resolve([`End the command ${command}, if it waits or runs.`]),
    async run(context, { command }) {
      if (command === context.command) {
        throw new PgherdError('BAD_REQUEST', 'a command cannot end itself: it would wait for its own end')
      }
      const ended = cancel(command, 'it was cancelled')
      if (ended === undefined) throw unknown(command)
      return { message: `The command ${command} has ended: ${await ended}`, output: [] }
    },
  }
}
