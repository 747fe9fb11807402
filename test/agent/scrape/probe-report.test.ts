import { expect, test } from 'vitest'
import { createProbeReport } from '../../../agent/scrape/probe-report.ts'
import type { ProbeOutcome, ProbeRunner } from '../../../agent/scrape/probe-runner.ts'
import type { Round } from '../../../agent/scrape/source.ts'
import { parseProbes } from '../../../agent/probes/parse.ts'
import { PgherdError } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import { createManualClock } from '../../manual-clock.ts'

const round: Round = { timestampMs: 0, timeoutMs: 8_000, remainingMs: () => 8_000 }
const measured: ProbeOutcome = { state: 'measured', tables: [], rows: 3 }
const failed: ProbeOutcome = { state: 'failed', error: new PgherdError('PROBE_FAILED', 'no such view') }
const cancelled: ProbeOutcome = { state: 'failed', error: new PgherdError('CANCELLED', 'no time was left') }

function runner(outcome: ProbeOutcome, branch = 'pg_x'): ProbeRunner {
  const text = `${branch}: { query: select 1 as n, metrics: [{ n: { usage: GAUGE } }] }`
  const probe = parseProbes(text, 'my.yml', 1).probes[0]!
  return { probe, run: () => Promise.resolve(outcome) }
}

/** A log that keeps level and message. */
function listening(): { readonly lines: string[]; readonly log: Log } {
  const lines: string[] = []
  const write =
    (level: string) =>
    (_: object, message: string): void =>
      void lines.push(`${level} ${message}`)
  const log = { info: write('info'), warn: write('warn'), error: write('error'), debug: write('debug') }
  return { lines, log: { ...log, child: () => log } as unknown as Log }
}

test('tells how each probe did; one that was skipped is not there', async () => {
  const clock = createManualClock()
  const report = createProbeReport(clock, listening().log)
  report.begin()
  await report.timed(runner(measured, 'pg_a'), round)
  await report.timed(runner(failed, 'pg_b'), round)
  await report.timed(runner({ state: 'skipped' }, 'pg_c'), round)
  expect(report.table()).toEqual({
    metrics: ['pgherd_probe_up', 'pgherd_probe_duration_seconds', 'pgherd_probe_rows'],
    labelNames: ['probe'],
    rows: [
      { labels: ['pg_a'], values: [1, 0, 3] },
      { labels: ['pg_b'], values: [0, 0, undefined] },
    ],
  })
})

test('a probe that goes on failing is logged once, and once when it works again', async () => {
  const { lines, log } = listening()
  const report = createProbeReport(createManualClock(), log)
  for (const outcome of [measured, failed, failed, measured, measured]) {
    report.begin()
    await report.timed(runner(outcome), round)
    report.table()
  }
  expect(lines).toEqual(['warn scrape: a probe failed: no such view', 'info scrape: a probe works again'])
})

test('probes without time are logged together, once', async () => {
  const { lines, log } = listening()
  const report = createProbeReport(createManualClock(), log)
  for (let i = 0; i < 2; i++) {
    report.begin()
    await report.timed(runner(cancelled, 'pg_a'), round)
    await report.timed(runner(cancelled, 'pg_b'), round)
    expect(report.table().rows.map(({ values }) => values[0])).toEqual([0, 0])
  }
  expect(lines).toEqual(['warn scrape: the deadline came before all probes had run'])
})
