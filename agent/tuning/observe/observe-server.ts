import { createHash } from 'node:crypto'
import type { Clock } from '../../../common/clock.ts'
import type { PgherdError } from '../../../common/errors.ts'
import type { ResultTable, Statement } from '../../postgres/result-table.ts'
import { isOfStatement } from './is-of-statement.ts'
import type { Observation } from './observation.ts'
import type { ObservedServer, View } from './view.ts'

/** What a look needs of a session, such as an `ActionSession`. */
export interface LookSession {
  read(statement: Statement, timeoutMs: number): Promise<ResultTable>
}

export interface LookOptions {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>
  /** Of each statement, milliseconds; 2000 unless told. */
  readonly timeoutMs?: number
  /** Views are asked for until so much time is gone, milliseconds, because others may wait for the session; all of them unless told. */
  readonly budgetMs?: number
  /** A view that the server does not give to this role, or not in time. */
  readonly onFailure?: (view: View, error: PgherdError) => void
}

const usualTimeoutMs = 2_000
/** So many are asked for in one go, which costs one way there and back. */
const together = 4

const aboutServer: Statement = {
  name: 'pgherd_tuning_about',
  text: `select floor(extract(epoch from pg_postmaster_start_time()) * 1000), pg_is_in_recovery()`,
}

/**
 * Looks at a server through all of the views that it has. One that fails costs its own numbers alone.
 * @throws PgherdError POSTGRES_UNAVAILABLE, TIMED_OUT or CANCELLED when there is no connection, or it was lost on the way
 */
export async function observeServer(
  session: LookSession,
  server: ObservedServer,
  views: readonly View[],
  options: LookOptions,
): Promise<Observation> {
  const { clock, timeoutMs = usualTimeoutMs, budgetMs = Infinity, onFailure } = options
  const atMs = clock.now()
  const beganMs = clock.monotonic()
  const { rows: about } = await session.read(aboutServer, timeoutMs)
  const [startMs, inRecovery] = about[0] ?? []
  const asked = views.flatMap((view) => {
    const text = view.statement(server)
    return text === undefined ? [] : [{ view, statement: statementOf(view, text) }]
  })
  const counters = new Map<string, number>()
  const gauges = new Map<string, number>()
  const take = (view: View, { columns, rows }: ResultTable): void => {
    for (const [i, { name }] of columns.entries()) {
      const value = Number(rows[0]?.[i] ?? NaN)
      if (!Number.isFinite(value)) continue
      if (view.counters.includes(name)) counters.set(`${view.name}.${name}`, value)
      else if (view.gauges.includes(name)) gauges.set(`${view.name}.${name}`, value)
    }
  }
  for (let from = 0; from < asked.length && clock.monotonic() - beganMs < budgetMs; from += together) {
    const some = asked.slice(from, from + together)
    const answers = await Promise.allSettled(some.map(({ statement }) => session.read(statement, timeoutMs)))
    for (const [i, answer] of answers.entries()) {
      const { view } = some[i]!
      if (answer.status === 'fulfilled') take(view, answer.value)
      else if (isOfStatement(answer.reason)) onFailure?.(view, answer.reason)
      else throw answer.reason
    }
  }
  return { atMs, serverStartMs: Number(startMs), inRecovery: inRecovery === 't', counters, gauges }
}

/** What is asked all the time is planned once; a server that was promoted has another text, which needs another name. */
function statementOf({ name, pace }: View, text: string): Statement {
  if (pace === 'bucket') return { text }
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12)
  return { name: `pgherd_tuning_${name}_${digest}`, text }
}
