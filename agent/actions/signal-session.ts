import { PgherdError } from '../../common/errors.ts'
import type { ActionContext, ActionDone } from './action.ts'
import { serverRefusal } from './server-refusal.ts'
import { findSession, grantToSignal, signalStatement } from './session-target.ts'
import type { SessionArgs } from './session-target.ts'

const timeoutMs = 5_000

/** What both kinds of signals plan. @param effect what the session will notice */
export async function planSignal(
  context: ActionContext,
  args: SessionArgs,
  effect: string,
): Promise<readonly string[]> {
  const found = await findSession(await context.session(), args)
  return [
    `signals session ${found.description}`,
    ...found.lines,
    effect,
    ...(found.maySignal ? [] : [`this role may not signal it; it takes: ${grantToSignal(found)}`]),
  ]
}

/** Signals it. @returns what is told, with the start of the statement that it was running */
export async function signalSession(
  context: ActionContext,
  args: SessionArgs,
  call: 'pg_cancel_backend' | 'pg_terminate_backend',
): Promise<ActionDone> {
  const session = await context.session()
  const found = await findSession(session, args)
  const { rows } = await session
    .change(signalStatement(call, args), { timeoutMs, signal: context.signal })
    .catch((error: unknown) => {
      throw serverRefusal(error, grantToSignal(found))
    })
  const [row] = rows
  if (row === undefined) {
    // It has changed between the look and the signal, which this tells in its own words.
    await findSession(session, args)
    throw new PgherdError(
      'NOT_FOUND',
      `session ${found.description} was gone for a moment; nothing was signalled`,
    )
  }
  if (row[0] !== 't') {
    throw new PgherdError('NOT_FOUND', `session ${found.description} ended by itself before it was signalled`)
  }
  return {
    message: `Signalled session ${found.description}.`,
    before: row[1] ?? '',
    output: [
      {
        type: 'facts',
        title: 'Session',
        facts: { pid: args.pid, backend_start: args.backend_start, query_start: row[1] ?? null },
      },
    ],
  }
}

/** Looks until a statement has no row. @throws PgherdError TIMED_OUT with `sentence` and what the session does */
export async function untilGone(
  context: ActionContext,
  text: string,
  values: readonly string[],
  sentence: string,
): Promise<void> {
  const { clock, signal } = context
  const session = await context.session()
  const untilMs = clock.monotonic() + patienceMs
  for (;;) {
    const { rows } = await session.read({ text, values }, timeoutMs)
    const [row] = rows
    if (row === undefined) return
    if (clock.monotonic() >= untilMs || signal.aborted) {
      throw new PgherdError('TIMED_OUT', `${sentence}: ${row.map((cell) => cell ?? 'none').join(', ')}`)
    }
    await clock.sleep(pauseMs, signal)
  }
}

const patienceMs = 5_000
const pauseMs = 50
