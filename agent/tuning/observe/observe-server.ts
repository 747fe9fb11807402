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
  readonly clock: Pick<Clock, 'now'>
  /** Of each statement, milliseconds; 2000 unless told. */
  readonly timeoutMs?: number
  /** A view that the server does not give to this role, or not in time. */
  readonly onFailure?: (view: View, error: PgherdError) => void
}

const usualTimeoutMs = 2_000

const about: Statement = {
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
  const { clock, timeoutMs = usualTimeoutMs, onFailure } = options
  const atMs = clock.now()
  const asked = views.flatMap((view) => {
    const text = view.statement(server)
    return text === undefined ? [] : [{ view, statement: statementOf(view, text) }]
  })
  // Asked in one go, so that they cost one way there and back.
  const [look, ...answers] = await Promise.allSettled([
    session.read(about, timeoutMs),
    ...asked.map(({ statement }) => session.read(statement, timeoutMs)),
  ])
  if (look.status === 'rejected') throw look.reason
  const [startMs, inRecovery] = look.value.rows[0] ?? []
  const counters = new Map<string, number>()
  const gauges = new Map<string, number>()
  for (const [i, answer] of answers.entries()) {
    const { view } = asked[i]!
    if (answer.status === 'rejected') {
      const error: unknown = answer.reason
      if (!isOfStatement(error)) throw error
      onFailure?.(view, error)
      continue
    }
    const { columns, rows } = answer.value
    for (const [j, { name }] of columns.entries()) {
      const value = Number(rows[0]?.[j] ?? NaN)
      if (!Number.isFinite(value)) continue
      if (view.counters.includes(name)) counters.set(`${view.name}.${name}`, value)
      else if (view.gauges.includes(name)) gauges.set(`${view.name}.${name}`, value)
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
