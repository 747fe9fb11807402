import type { Clock } from '../../common/clock.ts'
import { PgherdError, toPgherdError } from '../../common/errors.ts'
import type { Session } from '../postgres/session.ts'
import type { Predicate, ProbeDefinition } from '../probes/definition.ts'
import { createRowReader } from '../probes/rows.ts'
import type { ProbeAccount } from './probe-account.ts'
import type { KeptOutcome, ProbeOutcome } from './probe-outcome.ts'
import type { Round } from './source.ts'

/** One planned probe in one database, or for the server as a whole, with its latest result. */
export interface ProbeRunner {
  readonly probe: ProbeDefinition
  readonly account: ProbeAccount
  /** Whether its latest result is older than the interval of the probe. */
  isDue(round: Round): boolean
  /** Runs it, or repeats the latest result while that is young enough. Never rejects. */
  run(round: Round): Promise<KeptOutcome>
  /** The latest result, however old. */
  latest(): KeptOutcome | undefined
  /** Keeps only the first part of the latest rows, as when a database has more series than its share. */
  shrink(factor: number): void
}

export interface ProbeRunnerOptions {
  readonly session: Session
  readonly probe: ProbeDefinition
  readonly account: ProbeAccount
  /** The database, or '' for the server as a whole. */
  readonly place: string
  /** Gives a name, unused on the session so far, for a statement that is run again and again on one connection. */
  readonly createName?: (() => string) | undefined
  readonly clock: Clock
}

/** Kept back for noticing that the server is silent, so that the scrape as a whole stays in time. */
export const reserveMs = 250
const stepMs = 100

/** The result type of a statement changed under it (DDL on a view), or somebody deallocated it. */
const statementsGone = new Set<unknown>(['0A000', '26000'])

export function createProbeRunner(options: ProbeRunnerOptions): ProbeRunner {
  const { session, probe, account, place, createName, clock } = options
  const read = createRowReader(probe)
  const verdicts = new Map<Predicate, { readonly holds: boolean; readonly atMs: number }>()
  let name = createName?.()
  let kept: KeptOutcome | undefined

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

  /** The outcome, and how long the server took for the main query, where it came to that. */
  const execute = async (round: Round): Promise<Executed> => {
    const budgetMs = round.remainingMs() - reserveMs
    const endMs = Math.max(0, budgetMs - probe.timeoutMs)
    const limitMs = (): number => {
      const leftMs = round.remainingMs() - reserveMs - endMs
      if (leftMs <= 0) throw new PgherdError('CANCELLED', 'no time was left in this scrape')
      // In steps: the server's timeout then changes only when something is short of time.
      return Math.max(1, leftMs > stepMs ? Math.ceil(leftMs / stepMs) * stepMs : leftMs)
    }
    for (const predicate of probe.predicates) {
      if (!(await holds(predicate, round, limitMs))) return { outcome: { state: 'skipped', predicate } }
    }
    const statement = name === undefined ? { text: probe.query } : { name, text: probe.query }
    const result = await session.query(statement, Math.min(probe.timeoutMs, limitMs()), round.remainingMs())
    const outcome = { state: 'measured', tables: read(result), rows: result.rows.length } as const
    return { outcome, elapsedMs: result.elapsedMs }
  }

  const attempt = async (round: Round): Promise<Executed> => {
    try {
      return await execute(round)
    } catch (thrown) {
      const error = toPgherdError(thrown)
      if (statementsGone.has(error.details['sqlstate'])) name = createName?.()
      const { elapsedMs } = error.details
      return { outcome: { state: 'failed', error }, ...(typeof elapsedMs === 'number' ? { elapsedMs } : {}) }
    }
  }

  const isDue = (round: Round): boolean => {
    if (kept === undefined) return true
    const { outcome } = kept
    if (outcome.state === 'failed' && outcome.error.code === 'CANCELLED') return true
    // What failed is tried again soon, unless it failed by taking too long: that would cost the server the same again.
    const soon = outcome.state === 'failed' && outcome.error.code !== 'TIMED_OUT'
    return !isYoung(kept.atMs, soon ? account.paceMs() : account.intervalMs(), round)
  }

  return {
    probe,
    account,
    isDue,
    latest: () => kept,
    async run(round) {
      if (kept !== undefined && !isDue(round)) {
        account.noteHit()
        return kept
      }
      const startedMs = clock.monotonic()
      const { outcome, elapsedMs } = await attempt(round)
      // Without predicates, what it took alone: others may have been asked before it in the same go.
      const totalMs = clock.monotonic() - startedMs
      const durationMs = probe.predicates.length === 0 ? (elapsedMs ?? totalMs) : totalMs
      account.note(place, outcome, durationMs)
      kept = { outcome, atMs: round.timestampMs, durationMs }
      return kept
    },
    shrink(factor) {
      if (kept?.outcome.state !== 'measured') return
      const tables = kept.outcome.tables.map((table) => ({
        ...table,
        rows: table.rows.slice(0, Math.max(1, Math.floor(table.rows.length * factor))),
      }))
      kept = { ...kept, outcome: { ...kept.outcome, tables } }
    },
  }
}

interface Executed {
  readonly outcome: ProbeOutcome
  readonly elapsedMs?: number
}

function isYoung(atMs: number, ttlMs: number, round: Round): boolean {
  const ageMs = round.timestampMs - atMs
  return ageMs >= 0 && ageMs < ttlMs
}
