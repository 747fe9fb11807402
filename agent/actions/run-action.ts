import type { Clock } from '../../common/clock.ts'
import type { CommandPayload } from '../../common/command/payload.ts'
import type { CommandOutcome } from '../../common/command/result.ts'
import { PgherdError, toPgherdError } from '../../common/errors.ts'
import type { ActionSession } from '../postgres/action-session.ts'
import type { Action, ActionContext, AgentControls } from './action.ts'
import type { Ending } from './build-result.ts'
import type { Targets } from './targets.ts'
import type { Telling } from './telling.ts'
import { systemProblem } from './verify-command.ts'

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
}

/** How long an action that was told to stop may take to do so. */
const graceMs = 5_000
const connectMs = 10_000

/** Starts an action, with its plan or its run and verification, and what ends it before its time. */
export function runAction(
  action: Action,
  args: unknown,
  payload: CommandPayload,
  options: ActionRunOptions,
): ActionRun {
  const { clock, targets, telling } = options
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

  let session: Promise<ActionSession> | undefined
  const context: ActionContext = {
    clock,
    command: payload.id,
    node: payload.node,
    signal: stopping.signal,
    progress: (percent, text) => telling.progress(percent, text),
    write: (text) => telling.write(text),
    session: () => (session ??= openTarget(payload, targets)),
    agent: options.agent,
  }
  const steps: string[] = []
  const work = async (): Promise<Ending> => {
    try {
      // Before anything is done: whom is this about?
      if (action.target !== 'node') await context.session()
      if (payload.mode === 'plan') {
        steps.push(...(await action.plan(context, args)), ...(options.remarks ?? []))
        return { outcome: 'done', message: `This is what ${payload.kind} would do.`, steps, startedMs }
      }
      const done = await action.run(context, args)
      const { message, output } = done
      try {
        if (action.verify !== undefined) steps.push(...(await action.verify(context, args, done)))
      } catch (error) {
        const why = `${message} Its check failed: ${toPgherdError(error).message}`
        return { outcome: outcomeOf(error), message: why, steps, output, startedMs }
      }
      return { outcome: 'done', message, steps, output, startedMs }
    } catch (error) {
      const { message, details } = toPgherdError(error)
      if (details['reason'] === 'wrong-system')
        return { outcome: 'refused', reason: 'wrong-system', message, startedMs }
      return { outcome: outcomeOf(error), message, steps, startedMs }
    } finally {
      await session?.then((opened) => opened[Symbol.asyncDispose]()).catch(() => undefined)
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
    if (ending === undefined) {
      const message = `${why}. It did not end when it was told to, and may still be at work.`
      return { outcome, message, steps, startedMs }
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

/** @throws PgherdError REFUSED when it is not the server that the command is for */
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

function outcomeOf(error: unknown): CommandOutcome {
  const { code } = toPgherdError(error)
  if (code === 'REFUSED') return 'refused'
  if (code === 'NOT_SUPPORTED') return 'unsupported'
  if (code === 'TIMED_OUT') return 'timed_out'
  return code === 'CANCELLED' ? 'cancelled' : 'failed'
}
