import type { Clock } from '../../common/clock.ts'
import type { Log } from '../../common/log.ts'
import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import type { ProbeOutcome, ProbeRunner } from './probe-runner.ts'
import type { Round } from './source.ts'

/** How each probe of a scrape did, as series and, when it changes, as a line of the log. */
export interface ProbeReport {
  begin(): void
  /** Runs the probe and notes its outcome. */
  timed(runner: ProbeRunner, round: Round): Promise<ProbeOutcome>
  /** How the probes since `begin` did; the end of a scrape. */
  table(): SampleTable
}

export function createProbeReport(clock: Clock, log: Log): ProbeReport {
  const failing = new Map<string, string>()
  let rows: SampleRow[] = []

  let omitted = 0
  let omittedBefore = 0

  const tell = (branch: string, outcome: ProbeOutcome): void => {
    if (outcome.state === 'failed' && outcome.error.code === 'CANCELLED') {
      omitted++
      return
    }
    const message = outcome.state === 'failed' ? outcome.error.message : undefined
    if (message === failing.get(branch)) return
    if (message === undefined) {
      failing.delete(branch)
      log.info({ probe: branch }, 'scrape: a probe works again')
    } else {
      failing.set(branch, message)
      log.warn({ probe: branch }, `scrape: a probe failed: ${message}`)
    }
  }

  return {
    begin() {
      rows = []
      omitted = 0
    },
    async timed(runner, round) {
      const { branch } = runner.probe
      const startedMs = clock.monotonic()
      const outcome = await runner.run(round)
      const seconds = (clock.monotonic() - startedMs) / 1000
      tell(branch, outcome)
      if (outcome.state !== 'skipped') {
        const measured = outcome.state === 'measured'
        rows.push({
          labels: [branch],
          values: [measured ? 1 : 0, seconds, measured ? outcome.rows : undefined],
        })
      }
      return outcome
    },
    table() {
      if (omitted > 0 && omittedBefore === 0) {
        log.warn({ probes: omitted }, 'scrape: the deadline came before all probes had run')
      }
      omittedBefore = omitted
      return {
        metrics: ['pgherd_probe_up', 'pgherd_probe_duration_seconds', 'pgherd_probe_rows'],
        labelNames: ['probe'],
        rows,
      }
    },
  }
}
