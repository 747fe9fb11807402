import { expect, test } from 'vitest'
import { createProbeAccount } from '../../../agent/scrape/probe-account.ts'
import { createProbeReport } from '../../../agent/scrape/probe-report.ts'
import type { KeptOutcome, ProbeOutcome } from '../../../agent/scrape/probe-outcome.ts'
import type { ProbeRunner } from '../../../agent/scrape/probe-runner.ts'
import type { Round } from '../../../agent/scrape/source.ts'
import { parseProbes } from '../../../agent/probes/parse.ts'
import { PgherdError } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'

const round: Round = { timestampMs: 30_000, timeoutMs: 8_000, remainingMs: () => 8_000 }
const measured: ProbeOutcome = { state: 'measured', tables: [], rows: 3 }
const failed: ProbeOutcome = { state: 'failed', error: new PgherdError('PROBE_FAILED', 'no such view') }
const cancelled: ProbeOutcome = { state: 'failed', error: new PgherdError('CANCELLED', 'no time was left') }

/** A runner whose latest result is this one; `report.note` looks at nothing else. */
function result(outcome: ProbeOutcome, branch = 'pg_x', atMs = 0): readonly [ProbeRunner, KeptOutcome] {
  const text = `${branch}: { ttl: 10, query: select 1 as n, metrics: [{ n: { usage: GAUGE } }] }`
  const probe = parseProbes(text, 'my.yml', 1).probes[0]!
  const account = createProbeAccount(probe)
  const kept = { outcome, atMs, durationMs: 20 }
  account.note('', outcome, kept.durationMs)
  const runner: ProbeRunner = {
    probe,
    account,
    isDue: () => false,
    run: () => Promise.resolve(kept),
    latest: () => kept,
    shrink: () => undefined,
  }
  return [runner, kept]
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

test('tells how each probe did, when its result is from and what it costs; of databases only those that fail', () => {
  const report = createProbeReport(listening().log)
  report.begin()
  report.note('', ...result(measured, 'pg_a', 30_000))
  report.note('app', ...result(measured, 'pg_t', 10_000))
  report.note('shop', ...result(failed, 'pg_t', 30_000))
  const predicate = { name: 'p', query: 'select false', ttlMs: 0, grant: undefined }
  report.note('', ...result({ state: 'skipped', predicate }, 'pg_c'))
  const [places, sums] = report.tables(round)
  expect(places).toEqual({
    metrics: ['pgherd_probe_up', 'pgherd_probe_timestamp_seconds'],
    labelNames: ['datname', 'probe'],
    rows: [
      { labels: ['', 'pg_a'], values: [1, 30] },
      { labels: ['shop', 'pg_t'], values: [0, 30] },
    ],
  })
  expect(sums!.metrics.slice(0, 6)).toEqual([
    'pgherd_probe_duration_seconds',
    'pgherd_probe_rows',
    'pgherd_probe_interval_seconds',
    'pgherd_probe_throttled',
    'pgherd_probe_runs_total',
    'pgherd_probe_errors_total',
  ])
  expect(sums!.rows.map(({ labels, values }) => [...labels, ...values.slice(0, 6)])).toEqual([
    ['pg_a', 0.02, 3, 10, 0, 1, 0],
    ['pg_t', 0.04, 3, 10, 0, 1, 0],
  ])
})

test('a probe that goes on failing is logged once, with the database, and once when it works again', () => {
  const { lines, log } = listening()
  const report = createProbeReport(log)
  for (const outcome of [measured, failed, failed, measured, measured]) {
    report.begin()
    report.note('app', ...result(outcome))
    report.note('shop', ...result(outcome))
    report.tables(round)
  }
  expect(lines).toEqual(['warn scrape: a probe failed: no such view', 'info scrape: a probe works again'])
})

test('probes without time are logged together, once', () => {
  const { lines, log } = listening()
  const report = createProbeReport(log)
  for (let i = 0; i < 2; i++) {
    report.begin()
    report.note('', ...result(cancelled, 'pg_a'))
    report.note('', ...result(cancelled, 'pg_b'))
    expect(report.tables(round)[0]!.rows.map(({ values }) => values[0])).toEqual([0, 0])
  }
  expect(lines).toEqual(['warn scrape: the deadline came before all probes had run'])
})

test('an unchanged report is given again for half a minute, as the same tables; a failure is told at once', () => {
  const report = createProbeReport(listening().log)
  const reportAt = (timestampMs: number, outcome: ProbeOutcome) => {
    report.begin()
    report.note('', ...result(outcome, 'pg_a', timestampMs))
    return report.tables({ ...round, timestampMs })
  }
  const first = reportAt(30_000, measured)
  expect(reportAt(40_000, measured)).toBe(first)
  const failing = reportAt(50_000, failed)
  expect(failing[0]!.rows).toEqual([{ labels: ['', 'pg_a'], values: [0, 50] }])
  expect(reportAt(79_000, failed)).toBe(failing)
  expect(reportAt(80_000, failed)).not.toBe(failing)
})
