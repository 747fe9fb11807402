import type { Clock } from '../../common/clock.ts'
import type { CommandResult } from '../../common/command/result.ts'
import type { SignedCommand } from '../../common/command/signed-command.ts'
import { messageOf } from '../../common/errors.ts'
import type { FromAgent } from '../../common/wire/channel.ts'
import type { AgentControls, Noted } from './action.ts'
import type { BackgroundWork } from './background-work.ts'
import type { Ending } from './build-result.ts'
import type { CommandAudit } from './command-audit.ts'
import { neverBegun } from './command-endings.ts'
import type { CommandEndings } from './command-endings.ts'
import type { Journal } from './journal/journal.ts'
import type { Accepted } from './judge-command.ts'
import type { Lanes } from './lanes.ts'
import type { Refusal } from './refusal.ts'
import { runAction } from './run-action.ts'
import type { ActionRun } from './run-action.ts'
import type { Targets } from './targets.ts'
import { createTelling } from './telling.ts'
import type { TrustFiles } from './trust.ts'
import type { Undoing } from './undoing.ts'
import { expiryProblem, verifyCommand } from './verify-command.ts'

/** Commands between their acceptance and their end. */
export interface LiveCommands {
  readonly waiting: number
  readonly running: number
  /** @param atOnce without waiting for others */
  add(command: SignedCommand, accepted: Accepted, atOnce: boolean): void
  /** @returns how it ended, in words; undefined for one that is not here */
  cancel(id: string, why: string): Promise<string> | undefined
  /** Ends what waits and what runs; resolves when every end is known. */
  stop(): Promise<void>
}

interface Live {
  readonly accepted: Accepted
  readonly command: SignedCommand
  run: ActionRun | undefined
  /** How it ends, since it was told to between the turn that it got and its run. */
  halted: Ending | undefined
  /** Its result, once it has ended. */
  readonly ended: PromiseWithResolvers<CommandResult>
}

export function createLiveCommands(options: {
  readonly node: string
  readonly agent: AgentControls
  readonly targets: Targets
  readonly trust: Pick<TrustFiles, 'current'>
  readonly journal: Pick<Journal, 'started' | 'undo' | 'find'>
  readonly audit: Pick<CommandAudit, 'started'>
  readonly endings: Pick<CommandEndings, 'finish'>
  readonly work: BackgroundWork
  readonly send: (message: FromAgent) => void
  readonly clock: Clock
  /** The latest moment that was seen: a clock that is set back does not bring a command's time back. */
  readonly latestMs: () => number
  readonly lanes: Lanes
  readonly undoing: Pick<Undoing, 'take'>
  readonly stopping: AbortSignal
}): LiveCommands {
  const { node, agent, targets, trust, journal, audit, endings, work, send, clock, latestMs } = options
  const { lanes, undoing, stopping } = options
  const live = new Map<string, Live>()

  /** @returns when the next one may have its lock */
  const begin = async (one: Live): Promise<void> => {
    const { accepted, command } = one
    const { payload, operators } = accepted
    const { id } = payload
    if (stopping.aborted) return end(one, neverBegun)
    const refusal = await stillWrong(command)
    if (refusal !== undefined) return end(one, { outcome: 'refused', ...refusal })
    try {
      await audit.started(payload, operators)
      await journal.started(id)
    } catch (error) {
      return end(one, { outcome: 'refused', ...notWritten(error) })
    }
    if (one.halted !== undefined) return end(one, one.halted)
    send({ type: 'command-started', id, atMs: clock.now() })
    const telling = createTelling(id, send, clock)
    const { action, args, remarks } = accepted
    const mustUndo = (noted: Noted): Promise<void> => journal.undo(id, noted)
    one.run = runAction(action, args, payload, { clock, agent, targets, telling, remarks, mustUndo })
    const ending = await one.run.ending
    telling.end()
    await end(one, ending)
    await one.run.over
    const entry = ending.left === true ? journal.find(id) : undefined
    if (entry !== undefined) undoing.take(entry)
  }

  const end = async ({ accepted: { payload }, ended }: Live, ending: Ending): Promise<void> => {
    const result = await endings.finish(payload.id, payload, ending)
    live.delete(payload.id)
    ended.resolve(result)
  }

  /** A key may have been removed, or the time run out, while it waited. */
  const stillWrong = async (command: SignedCommand): Promise<Refusal | undefined> => {
    const { operators } = await trust.current()
    const nowMs = latestMs()
    const again = verifyCommand(command, {
      operators,
      node,
      servers: targets.named(),
      nowMs,
      clockMs: clock.now(),
      forgottenUntilMs: 0,
      rememberedSinceMs: 0,
    })
    return again.ok ? expiryProblem(again.payload, nowMs, clock.now()) : again.refusal
  }

  const halt = (one: Live, why: string, unbegun: string): void => {
    if (one.run !== undefined) {
      one.run.stop('cancelled', why)
      return
    }
    const ending: Ending = { outcome: 'cancelled', message: unbegun }
    if (lanes.remove(one.accepted.payload.id)) work.start(() => end(one, ending))
    else one.halted ??= ending
  }

  return {
    get waiting() {
      return lanes.waiting
    },
    get running() {
      return lanes.running
    },
    add(command, accepted, atOnce) {
      const { payload, action } = accepted
      const { id } = payload
      const one: Live = {
        accepted,
        command,
        run: undefined,
        halted: undefined,
        ended: Promise.withResolvers(),
      }
      live.set(id, one)
      work.start(() => one.ended.promise.then(() => undefined))
      if (atOnce) {
        work.start(() => begin(one))
        return
      }
      const changes = payload.mode === 'run' && action.risk !== 'read'
      lanes.add({
        id,
        lock: changes ? (payload.server ?? node) : undefined,
        run: () => begin(one),
        waits: (behind) => send({ type: 'command-progress', id, percent: null, text: `waits for ${behind}` }),
      })
    },
    cancel(id, why) {
      const one = live.get(id)
      if (one === undefined) return undefined
      const told = one.ended.promise.then(({ outcome, message }) => `${outcome}. ${message}`)
      halt(one, why, `${why} before it began; nothing was done.`)
      return told
    },
    async stop() {
      for (const one of live.values()) halt(one, 'the agent was stopped', neverBegun.message)
      await Promise.all([...live.values()].map(({ ended }) => ended.promise))
    },
  }
}

/** A command that leaves no trace is not run. */
export function notWritten(error: unknown): Refusal {
  return { reason: 'not-written', message: `this host cannot write down what it does: ${messageOf(error)}` }
}
