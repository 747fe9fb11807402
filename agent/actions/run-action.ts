import type { Clock } from '../../common/clock.ts'
import type { CommandPayload } from '../../common/command/payload.ts'
import type { CommandOutcome } from '../../common/command/result.ts'
import { PgherdError, toPgherdError } from '../../common/errors.ts'
import type { Action, ActionContext, ActionDone, AgentControls, Noted } from './action.ts'
import type { Ending } from './build-result.ts'
import { createTargetSession } from './open-target.ts'
import type { Targets } from './targets.ts'
import type { Telling } from './telling.ts'
import { undoAction } from './undo-action.ts'

export interface ActionRun {
  /** Never rejects; comes at the latest some seconds after the deadline, a cancel or the end of the agent. */
  readonly ending: Promise<Ending>
  /** The action itself has returned: until then it may still work. Never rejects. */
  readonly over: Promise<void>
  /** The first one counts. */
  stop(outcome: CommandOutcome, why: string): void
}

export interface ActionRunOptions {
  readonly clock: Clock
  readonly agent: AgentControls
  readonly targets: Targets
  readonly telling: Telling
  /** In mode `plan`: told behind its steps. */
  readonly remarks?: readonly string[]
  /** Writes down what is to be undone unless the run succeeds. @throws PgherdError when it cannot */
  mustUndo(noted: Noted): Promise<void>
}

/** How long an action that was told to stop may take to do so. */
const graceMs = 5_000

/** Starts an action, with its plan or its run and verification, and what ends it before its time. */
export function runAction(
  action: Action,
  args: unknown,
  payload: CommandPayload,
  options: ActionRunOptions,
): ActionRun {
  const { agent, clock, targets, telling } = options
  const startedMs = clock.now()
  const stopping = new AbortController()
  const over = new AbortController()
  let stopped: { readonly outcome: CommandOutcome; readonly why: string } | undefined
  const stop = (outcome: CommandOutcome, why: string) => {
    stopped ??= { outcome, why }
    stopping.abort(new PgherdError(outcome === 'timed_out' ? 'TIMED_OUT' : 'CANCELLED', why))
  }
  const limitTime = async () => {
    await clock.sleep(payload.deadline_ms, over.signal)
    if (!over.signal.aborted) stop('timed_out', `it was not done within ${payload.deadline_ms} ms`)
  }

  /** What has to be undone unless the run succeeds. */
  let noted: Noted | undefined
  let isReported = false
  const session = createTargetSession(payload, targets)
  const context: ActionContext = {
    clock,
    command: payload.id,
    node: payload.node,
    server: payload.server,
    signal: stopping.signal,
    progress: (percent, text) => telling.progress(percent, text),
    write: (text) => telling.write(text),
    session: () => session.get(),
    agent,
    async mustUndo(of) {
      await options.mustUndo(of)
      noted = of
    },
  }
  const steps: string[] = []
  const run = async (): Promise<ActionDone> => {
    const done = await action.run(context, args)
    // Whoever asked for it was told that it was stopped.
    if (isReported && noted !== undefined) throw stopping.signal.reason
    noted = undefined
    return done
  }
  const undone = async (error: unknown, of: Noted): Promise<Ending> => {
    const { message } = toPgherdError(error)
    const { signal } = new AbortController()
    // It has one of the server's two places.
    await session.close()
    try {
      const said = await undoAction(action, args, of, { payload, clock, agent, targets, signal })
      noted = undefined
      return { outcome: outcomeOf(error), message: `${message}; ${said}`, steps, startedMs }
    } catch (failure) {
      const why = `${message}; ${toPgherdError(failure).message}; undoing it is tried again until it succeeds or this command is cancelled`
      return { outcome: 'failed', message: why, steps, startedMs, left: true }
    }
  }
  const work = async (): Promise<Ending> => {
    try {
      // Before anything is done: whom is this about?
      if (action.target !== 'node' && action.asksAgentAlone !== true) await context.session()
      if (payload.mode === 'plan') {
        const planned = await action.planInFull?.(context, args)
        steps.push(...(planned?.steps ?? (await action.plan(context, args))), ...(options.remarks ?? []))
        const message = `This is what ${payload.kind} would do.`
        return { outcome: 'done', message, steps, output: planned?.output ?? [], startedMs }
      }
      const done = await run()
      const { message, output } = done
      try {
        if (action.verify !== undefined) steps.push(...(await action.verify(context, args, done)))
      } catch (error) {
        const why = `${message} Its check failed: ${toPgherdError(error).message}`
        return { outcome: outcomeOf(error), message: why, steps, output, startedMs }
      }
      return { outcome: 'done', message, steps, output, startedMs }
    } catch (error) {
      if (noted !== undefined) return await undone(error, noted)
      const { message, details } = toPgherdError(error)
      if (details['reason'] === 'wrong-system')
        return { outcome: 'refused', reason: 'wrong-system', message, startedMs }
      return { outcome: outcomeOf(error), message, steps, startedMs }
    } finally {
      await session.close()
    }
  }
  const working = work()
  const settled = working.then(() => over.abort())
  const outOfPatience = async (): Promise<undefined> => {
    if (!stopping.signal.aborted) {
      await new Promise((resolve) => stopping.signal.addEventListener('abort', resolve, { once: true }))
    }
    await clock.sleep(graceMs, over.signal)
    // An action that has just returned wins.
    if (over.signal.aborted) await working
  }
  const end = async (): Promise<Ending> => {
    const ending = await Promise.race([working, outOfPatience()])
    const { outcome = 'failed', why = '' } = stopped ?? {}
    isReported = true
    if (ending === undefined) {
      const message = `${why}. It did not end when it was told to, and may still be at work.`
      return { outcome, message, steps, startedMs, left: noted !== undefined }
    }
    if (stopped === undefined || ending.outcome === 'done') return ending
    return {
      ...ending,
      outcome,
      message: ending.message.includes(why) ? ending.message : `${why}: ${ending.message}`,
    }
  }
  void limitTime()
  return { ending: end(), over: settled, stop }
}

function outcomeOf(error: unknown): CommandOutcome {
  const { code } = toPgherdError(error)
  if (code === 'REFUSED') return 'refused'
  if (code === 'NOT_SUPPORTED') return 'unsupported'
  if (code === 'TIMED_OUT') return 'timed_out'
  return code === 'CANCELLED' ? 'cancelled' : 'failed'
}
