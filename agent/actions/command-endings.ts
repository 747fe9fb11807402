import type { Clock } from '../../common/clock.ts'
import type { CommandPayload } from '../../common/command/payload.ts'
import type { CommandResult } from '../../common/command/result.ts'
import type { SignedCommand } from '../../common/command/signed-command.ts'
import { messageOf } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { FromAgent } from '../../common/wire/channel.ts'
import type { Action } from './action.ts'
import type { BackgroundWork } from './background-work.ts'
import { buildResult } from './build-result.ts'
import type { Ending } from './build-result.ts'
import type { CommandAudit } from './command-audit.ts'
import type { CommandCounters } from './command-counters.ts'
import type { Journal } from './journal/journal.ts'
import type { JournalEntry } from './journal/memory.ts'
import { journalEntry } from './journal-entry.ts'
import type { Refused } from './judge-command.ts'
import { shortText } from './short-text.ts'

export interface CommandEndings {
  /** The end of a command that the journal has: counted, written down, told. */
  finish(id: string, payload: CommandPayload | undefined, ending: Ending): Promise<CommandResult>
  /** The end of one that the journal does not have yet, and gets only where the refusal will not change. */
  refuse(command: SignedCommand, refused: Refused): Promise<void>
}

export const neverBegun: Ending = {
  outcome: 'cancelled',
  message: 'The agent ended before it began; nothing was done.',
}
/** Of what had begun when the agent was killed. */
export function interruptedEnd(
  { mode, asked, undo }: Pick<JournalEntry, 'mode' | 'asked' | 'undo'>,
  action: Action | undefined,
): Ending {
  if (mode === 'plan') {
    return { outcome: 'cancelled', message: 'The agent ended while it made the plan; nothing was done.' }
  }
  // Journals of agents that noted nothing have no `asked`.
  if (action?.undo !== undefined && asked !== undefined && undo === undefined) {
    return { outcome: 'cancelled', message: 'The agent ended before it changed anything; nothing was done.' }
  }
  const { mayBeLeft = 'whether it was done, only a look at the target can tell' } = action ?? {}
  return { outcome: 'unknown', message: `The agent ended while it ran: ${mayBeLeft}.` }
}

export function createCommandEndings(options: {
  readonly actions: ReadonlyMap<string, Action>
  readonly journal: Journal
  readonly audit: CommandAudit
  readonly counters: CommandCounters
  readonly work: BackgroundWork
  readonly send: (message: FromAgent) => void
  readonly clock: Clock
  readonly log: Log
}): CommandEndings {
  const { actions, journal, audit, counters, work, send, clock, log } = options

  /** Who waits for a result that cannot be written down, as on a full disk, is told so. */
  const orTell =
    (id: string, { outcome, message }: CommandResult, write: () => Promise<void>) =>
    async () => {
      try {
        await write()
      } catch (error) {
        const text = `${outcome}, which counts when this host can write it down: ${messageOf(error)}. ${message}`
        send({ type: 'command-progress', id, percent: null, text: shortText(text, 1_000) })
        throw error
      }
    }

  const finish: CommandEndings['finish'] = async (id, payload, ending) => {
    const result = buildResult(ending, clock.now())
    counters.ended(result.outcome)
    if (ending.reason !== undefined) counters.refused(ending.reason)
    const write = (what: string, how: () => Promise<void>) => work.persist(what, orTell(id, result, how))
    await write('a result', () => journal.finished(id, result, ending.left))
    if (ending.reason === undefined) {
      await write('an entry of the audit', () => audit.finished({ id, payload }, result))
    } else await audit.refused({ reason: ending.reason, message: ending.message }, payload)
    send({ type: 'command-result', id, result })
    return result
  }

  const refuse: CommandEndings['refuse'] = async (command, { refusal, signed, final }) => {
    const { reason, message } = refusal
    const ending: Ending = { outcome: reason === 'unsupported' ? 'unsupported' : 'refused', message }
    if (signed !== undefined && final) {
      try {
        await journal.receive(
          journalEntry(command, signed, actions.get(signed.payload.kind), true, clock.now()),
        )
        await finish(signed.payload.id, signed.payload, { ...ending, reason })
        return
      } catch (error) {
        log.error({ error: messageOf(error) }, 'commands: a refusal could not be written into the journal')
      }
    }
    counters.refused(reason)
    counters.ended(ending.outcome)
    await audit.refused(refusal, signed?.payload)
    const id = signed?.payload.id ?? idIn(command)
    // Of a command that was here under the same id another answer is known.
    if (id !== undefined && journal.find(id) === undefined) {
      send({ type: 'command-result', id, result: buildResult(ending, clock.now()) })
    }
  }

  return { finish, refuse }
}

/** The id in a payload that nobody known has signed: good for an answer, and for nothing else. */
function idIn({ payload }: SignedCommand): string | undefined {
  return /"id":"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"/.exec(payload)?.[1]
}
