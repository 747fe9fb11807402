import { PgherdError, toPgherdError } from '../../common/errors.ts'
import type { SampleTable } from '../../common/series/sample-table.ts'
import type { Session } from '../postgres/session.ts'
import type { Predicate, ProbeDefinition } from '../probes/definition.ts'
import { createRowReader } from '../probes/rows.ts'
import type { Round } from './source.ts'

/** What one probe gave in one scrape. */
export type ProbeOutcome =
  | { readonly state: 'measured'; readonly tables: readonly SampleTable[]; readonly rows: number }
  | { readonly state: 'skipped' }
  | { readonly state: 'failed'; readonly error: PgherdError }

/** One planned probe on one server, with its cached result. */
export interface ProbeRunner {
  readonly probe: ProbeDefinition
  /** Runs it, or repeats the result of a run that is younger than its ttl. Never rejects. */
  run(round: Round): Promise<ProbeOutcome>
}

/** Kept back for noticing that the server is silent, so that the scrape as a whole stays in time. */
const reserveMs = 250
const stepMs = 100

/** The result type of a statement changed under it (DDL on a view), or somebody deallocated it. */
const statementsGone = new Set<unknown>(['0A000', '26000'])

/** @param createName of a prepared statement, unused on the session so far */
export function createProbeRunner(
  session: Session,
  probe: ProbeDefinition,
  createName: () => string,
): ProbeRunner {
  const read = createRowReader(probe)
  const verdicts = new Map<Predicate, { readonly holds: boolean; readonly atMs: number }>()
  let name = createName()
  let kept: { readonly outcome: ProbeOutcome; readonly atMs: number } | undefined

  const holds = async (predicate: Predicate, round: Round, limitMs: () => number): Promise<boolean> => {
    const known = verdicts.get(predicate)
    if (known !== undefined && isYoung(known.atMs, predicate.ttlMs, round)) return known.holds
    const { columns, rows } = await session.query({ text: predicate.query }, limitMs())
    if (columns.length !== 1 || rows.length > 1 || !['t', 'f', null, undefined].includes(rows[0]?.[0])) {
      const message = `predicate ${predicate.name} did not give one boolean`
      throw new PgherdError('PROBE_FAILED', message)
    }
    const verdict = rows[0]?.[0] === 't'
    verdicts.set(predicate, { holds: verdict, atMs: round.timestampMs })
    return verdict
  }

  const execute = async (round: Round): Promise<ProbeOutcome> => {
    const budgetMs = round.remainingMs() - reserveMs
    const endMs = Math.max(0, budgetMs - probe.timeoutMs)
    const limitMs = (): number => {
      const leftMs = round.remainingMs() - reserveMs - endMs
      if (leftMs <= 0) throw new PgherdError('CANCELLED', 'no time was left in this scrape')
      // In steps: the server's timeout then changes only when something is short of time.
      return Math.max(1, leftMs > stepMs ? Math.ceil(leftMs / stepMs) * stepMs : leftMs)
    }
    for (const predicate of probe.predicates) {
      if (!(await holds(predicate, round, limitMs))) return { state: 'skipped' }
    }
    const result = await session.query({ name, text: probe.query }, Math.min(probe.timeoutMs, limitMs()))
    return { state: 'measured', tables: read(result), rows: result.rows.length }
  }

  return {
    probe,
    async run(round) {
      if (kept !== undefined && isYoung(kept.atMs, probe.ttlMs, round)) return kept.outcome
      kept = undefined
      let outcome: ProbeOutcome
      try {
        outcome = await execute(round)
      } catch (thrown) {
        const error = toPgherdError(thrown)
        if (statementsGone.has(error.details['sqlstate'])) name = createName()
        outcome = { state: 'failed', error }
        // Asking again at once for what took too long would cost the server the same again.
        if (error.code !== 'TIMED_OUT') return outcome
      }
      kept = { outcome, atMs: round.timestampMs }
      return outcome
    },
  }
}

function isYoung(atMs: number, ttlMs: number, round: Round): boolean {
  const ageMs = round.timestampMs - atMs
  return ageMs >= 0 && ageMs < ttlMs
}
