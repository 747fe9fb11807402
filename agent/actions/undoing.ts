import type { Clock } from '../../common/clock.ts'
import type { CommandPayload } from '../../common/command/payload.ts'
import { messageOf } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { FromAgent } from '../../common/wire/channel.ts'
import type { Action, AgentControls, Noted } from './action.ts'
import type { BackgroundWork } from './background-work.ts'
import type { Ending } from './build-result.ts'
import type { CommandAudit } from './command-audit.ts'
import type { CommandEndings } from './command-endings.ts'
import type { Journal } from './journal/journal.ts'
import type { JournalEntry } from './journal/memory.ts'
import type { Lanes } from './lanes.ts'
import type { Targets } from './targets.ts'
import { undoAction } from './undo-action.ts'

/** What commands have left behind: those whose agent was killed, and those that could not clean up after themselves. */
export interface Undoing {
  /**
   * Undoes it in the background, again and again until it succeeds; nothing else is changed on that server meanwhile.
   * @returns false when there is nothing that could be undone
   */
  take(entry: JournalEntry): boolean
  /** Gives it up. @returns when that is known, in words; undefined for one that is not here */
  cancel(id: string, why: string): Promise<string> | undefined
}

const firstPauseMs = 1_000
const longestPauseMs = 60_000
/** Until whoever waits for the result is told that nobody knows. */
const unknownAfterMs = 60_000

interface Left {
  readonly id: string
  readonly payload: CommandPayload
  readonly action: Action
  readonly args: unknown
  readonly noted: Noted
}

export function createUndoing(options: {
  readonly node: string
  readonly actions: ReadonlyMap<string, Action>
  readonly agent: AgentControls
  readonly targets: Targets
  readonly journal: Pick<Journal, 'settled'>
  readonly audit: Pick<CommandAudit, 'undone'>
  readonly endings: Pick<CommandEndings, 'finish'>
  readonly lanes: Lanes
  readonly work: BackgroundWork
  readonly send: (message: FromAgent) => void
  readonly clock: Clock
  readonly log: Log
  readonly stopping: AbortSignal
}): Undoing {
  const { node, actions, agent, targets, journal, audit, endings, lanes, work, send, clock, log } = options
  const { stopping } = options
  const pending = new Map<string, { giveUp(why: string): void; readonly over: Promise<string> }>()

  const undo = async (left: Left, isFinished: boolean, givenUp: AbortSignal): Promise<string> => {
    const { id, payload, action, args, noted } = left
    const release = lanes.hold(payload.server ?? node)
    const signal = AbortSignal.any([stopping, givenUp])
    const giveUpMs = clock.monotonic() + unknownAfterMs
    let hasResult = isFinished
    /** @returns the half sentence that is told */
    const settle = async (said: string, ending: Ending): Promise<string> => {
      release()
      log.warn({ command: id, kind: action.kind }, `commands: ${said}`)
      await work.persist('an entry of the audit', () => audit.undone(payload, said))
      if (hasResult) await work.persist('what was undone', () => journal.settled(id))
      else await endings.finish(id, payload, ending)
      return said
    }
    try {
      for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
        let why: string
        try {
          const said = await undoAction(action, args, noted, { payload, clock, agent, targets, signal })
          return await settle(said, { outcome: 'failed', message: `The agent ended while it ran; ${said}.` })
        } catch (error) {
          why = messageOf(error)
        }
        if (stopping.aborted) return why
        if (givenUp.aborted) {
          const said = `undoing it was given up: ${messageOf(givenUp.reason)}`
          const message = `The agent ended while it ran; ${said}; ${why}`
          return await settle(said, { outcome: 'unknown', message })
        }
        log.warn({ command: id, kind: action.kind, error: why }, 'commands: not undone yet')
        send({ type: 'command-progress', id, percent: null, text: `not undone yet: ${why}` })
        if (!hasResult && clock.monotonic() >= giveUpMs) {
          hasResult = true
          const message = `The agent ended while it ran: ${why}; undoing it is tried again until it succeeds or is cancelled`
          await endings.finish(id, payload, { outcome: 'unknown', message, left: true })
        }
        await clock.sleep(pauseMs, signal)
      }
    } finally {
      release()
    }
  }

  return {
    take({ id, kind, mode, state, undo: noted, asked }) {
      const action = actions.get(kind)
      if (asked === undefined || noted === undefined || mode === 'plan') return false
      const args = action?.args.safeParse(asked.payload.args)
      if (action?.undo === undefined || args?.success !== true) return false
      const givingUp = new AbortController()
      const left = { id, payload: asked.payload, action, args: args.data, noted }
      const over = undo(left, state === 'finished', givingUp.signal).finally(() => pending.delete(id))
      pending.set(id, { giveUp: (why) => givingUp.abort(new Error(why)), over })
      work.start(async () => {
        await over
      })
      return true
    },
    cancel(id, why) {
      const one = pending.get(id)
      one?.giveUp(why)
      return one?.over
    },
  }
}
