import type { SampleTable } from '../../common/series/sample-table.ts'
import type { Tracer } from '../../common/tracer.ts'
import type { Session } from '../postgres/session.ts'
import type { ProbeReport } from './probe-report.ts'
import type { ProbeRunner } from './probe-runner.ts'
import { remainingOf } from './source.ts'
import type { Round } from './source.ts'

/**
 * Runs the probes of one connection, one after the other; each fails for itself.
 * @param place the database, or '' for the server as a whole
 * @throws PgherdError when the connection is gone and no other one comes, or a fatal probe failed
 */
export async function runProbes(
  runners: readonly ProbeRunner[],
  options: {
    readonly session: Session
    readonly report: ProbeReport
    readonly place: string
    readonly round: Round
    readonly tracer: Tracer
  },
): Promise<readonly SampleTable[]> {
  const { session, report, place, round, tracer } = options
  const tables: SampleTable[] = []
  for (const runner of runners) {
    // A probe that made the server silent took its connection along; the others get another one.
    if (!session.isConnected) await session.connect(remainingOf(round))
    const attributes = { probe: runner.probe.branch, database: place }
    const kept = runner.isDue(round)
      ? await tracer.span('probe', attributes, () => runner.run(round))
      : await runner.run(round)
    report.note(place, runner, kept)
    const { outcome } = kept
    if (outcome.state === 'measured') tables.push(...outcome.tables)
    // That we had no time for it says nothing about the server.
    if (outcome.state === 'failed' && runner.probe.fatal && outcome.error.code !== 'CANCELLED') {
      throw outcome.error
    }
  }
  return tables
}
