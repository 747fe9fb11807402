import type { SampleTable } from '../../common/series/sample-table.ts'
import type { Tracer } from '../../common/tracer.ts'
import type { Session } from '../postgres/session.ts'
import { usualTimeoutMs } from '../probes/definition.ts'
import type { KeptOutcome } from './probe-outcome.ts'
import type { ProbeReport } from './probe-report.ts'
import { reserveMs } from './probe-runner.ts'
import type { ProbeRunner } from './probe-runner.ts'
import { remainingOf } from './source.ts'
import type { Round } from './source.ts'

export interface RunProbesOptions {
  readonly session: Session
  readonly report: ProbeReport
  readonly place: string
  readonly round: Round
  readonly tracer: Tracer
}

/** How many quick probes are asked for in one go. */
const maxTogether = 16
/** A probe that took longer the last time is asked for alone, under a limit of its own. */
const quickMs = 20
/** With less time than this left, each is asked for alone, so that none is begun in vain. */
const roomMs = 3_000

/**
 * Runs the probes of one connection; each fails for itself. Those that are known to be quick are asked for in one go,
 * which saves a round trip and several system calls each; the server still takes one after the other. When one of them
 * takes the connection along, those behind it are asked for again, one by one.
 * @param place the database, or '' for the server as a whole
 * @throws PgherdError when the connection is gone and no other one comes, or a fatal probe failed
 */
export async function runProbes(
  runners: readonly ProbeRunner[],
  options: RunProbesOptions,
): Promise<readonly SampleTable[]> {
  const { session, report, place, round } = options
  const tables: SampleTable[] = []
  const take = (runner: ProbeRunner, kept: KeptOutcome): void => {
    const { outcome } = kept
    report.note(place, runner, kept)
    if (outcome.state === 'measured') tables.push(...outcome.tables)
    // That we had no time for it says nothing about the server.
    if (outcome.state === 'failed' && runner.probe.fatal && outcome.error.code !== 'CANCELLED') {
      throw outcome.error
    }
  }
  /** A probe that made the server silent took its connection along; the others get another one while there is time. */
  const reconnect = async (): Promise<void> => {
    if (!session.isConnected && round.remainingMs() > reserveMs) await session.connect(remainingOf(round))
  }
  for (let at = 0; at < runners.length;) {
    const together = quickOnes(runners, at, round)
    at += together.length
    await reconnect()
    const results = await Promise.all(together.map((runner) => runOne(runner, options)))
    const unbegun: ProbeRunner[] = []
    for (const [i, kept] of results.entries()) {
      const runner = together[i]!
      if (isCancelled(kept) && !session.isConnected) unbegun.push(runner)
      else take(runner, kept)
    }
    for (const runner of unbegun) {
      await reconnect()
      take(runner, await runOne(runner, options))
    }
  }
  return tables
}

function isCancelled({ outcome }: KeptOutcome): boolean {
  return outcome.state === 'failed' && outcome.error.code === 'CANCELLED'
}

function runOne(runner: ProbeRunner, { round, place, tracer }: RunProbesOptions): Promise<KeptOutcome> {
  if (!runner.isDue(round)) return runner.run(round)
  const attributes = { probe: runner.probe.branch, database: place }
  return tracer.span('probe', attributes, () => runner.run(round))
}

/** The runner at `from`, with those behind it that can be asked for in the same go. */
function quickOnes(runners: readonly ProbeRunner[], from: number, round: Round): readonly ProbeRunner[] {
  let end = from
  while (end < runners.length && end - from < maxTogether && isQuick(runners[end]!, round)) end++
  return runners.slice(from, Math.max(end, from + 1))
}

/** Also one that is not due: it gives its kept result and asks for nothing. */
function isQuick(runner: ProbeRunner, round: Round): boolean {
  const { probe } = runner
  const kept = runner.latest()
  if (kept === undefined || round.remainingMs() < roomMs) return false
  if (!runner.isDue(round)) return true
  return (
    kept.outcome.state === 'measured' &&
    kept.durationMs <= quickMs &&
    !probe.fatal &&
    probe.predicates.length === 0 &&
    probe.timeoutMs === usualTimeoutMs
  )
}
