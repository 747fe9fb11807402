import type { ProbeDefinition } from '../probes/definition.ts'
import type { ProbeOutcome } from './probe-outcome.ts'

/** Server time a probe may take per minute on one server when it names no budget: about 1.7 % of one core. */
export const defaultBudgetMs = 1_000
const minuteMs = 60_000
/** Below the shortest interval that an agent can be set to, a pace would only shift runs from scrape to scrape. */
const minPaceMs = 1_000

/**
 * What one probe has cost and given on one server, in all databases together. Its time is that until the answer was
 * there: an upper bound of the server's own.
 */
export interface ProbeAccount {
  readonly probe: ProbeDefinition
  /** Notes a run; `place` is the database, or '' for the server as a whole. */
  note(place: string, outcome: ProbeOutcome, ms: number): void
  /** Notes that an earlier result was used again. */
  noteHit(): void
  /** A database that is gone costs nothing any more. */
  forget(place: string): void
  /** Milliseconds that must lie between two runs at a place for a run everywhere to stay within the budget; 0 without need. */
  paceMs(): number
  /** Whether the budget sets the pace. */
  isThrottled(): boolean
  /** Milliseconds between two runs at a place: the probe's ttl, or its pace when that is longer. */
  intervalMs(): number
  totals(): ProbeTotals
}

export interface ProbeTotals {
  readonly runs: number
  readonly errors: number
  readonly skips: number
  readonly hits: number
  readonly milliseconds: number
}

/** @param leastMs between two runs, where the ttl is shorter */
export function createProbeAccount(probe: ProbeDefinition, leastMs = 0): ProbeAccount {
  const budgetMs = probe.budgetMs ?? defaultBudgetMs
  const costs = new Map<string, number>()
  let costOfAll = 0
  let [runs, errors, skips, hits, milliseconds] = [0, 0, 0, 0, 0]

  const setCost = (place: string, ms: number): void => {
    costOfAll += ms - (costs.get(place) ?? 0)
    if (ms === 0) costs.delete(place)
    else costs.set(place, ms)
  }

  const paceMs = (): number => {
    const affordableMs = budgetMs === 0 ? 0 : (costOfAll / budgetMs) * minuteMs
    return affordableMs > minPaceMs ? affordableMs : 0
  }

  return {
    probe,
    note(place, outcome, ms) {
      if (outcome.state === 'failed' && outcome.error.code === 'CANCELLED') return
      runs++
      milliseconds += ms
      if (outcome.state === 'failed') errors++
      if (outcome.state === 'skipped') skips++
      // One run that fell on a busy moment must not set the pace alone.
      const before = costs.get(place)
      setCost(place, before === undefined ? ms : (before + ms) / 2)
    },
    noteHit() {
      hits++
    },
    forget: (place) => setCost(place, 0),
    paceMs,
    isThrottled: () => paceMs() > Math.max(probe.ttlMs, leastMs),
    intervalMs: () => Math.max(probe.ttlMs, leastMs, paceMs()),
    totals: () => ({ runs, errors, skips, hits, milliseconds }),
  }
}
