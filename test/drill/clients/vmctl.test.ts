import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { findProgram } from '../../../testbed/find-program.ts'
import { hasPrometheus, startPrometheus } from '../../../testbed/prometheus.ts'
import { runCommand } from '../../../testbed/run-command.ts'
import { hasVictoriaMetrics, startVictoriaMetrics } from '../../../testbed/victoria-metrics.ts'
import { hasVmProgram } from '../../../testbed/vm-programs.ts'
import { jsonLine, post, startLab } from './lab.ts'
import { writeOver } from './remote-write.ts'

const now = Math.floor(Date.now() / 10_000) * 10_000
const samples = Array.from(
  { length: 3000 },
  (_, i) => [now - (3000 - i) * 1000, Math.round(i * i * 0.37 * 100) / 100] as const,
)
const lines = ['a', 'b', 'c'].map((ins) => jsonLine({ __name__: 'load', ins, job: 'dr "ill' }, samples))

/** Its progress bar wants a terminal, which script(1) pretends to be. */
async function vmctl(...args: readonly string[]): Promise<string> {
  const quoted = [findProgram('vmctl') ?? 'vmctl', ...args].map((arg) => `'${arg}'`).join(' ')
  const { status, stdout, stderr } = await runCommand('script', ['-qec', quoted, '/dev/null'], {
    timeoutMs: 60_000,
  })
  if (status !== 0) throw new Error(`vmctl ended with ${status}: ${stderr}${stdout}`)
  return stdout + stderr
}

const exportedLine = z.object({
  metric: z.record(z.string(), z.string()),
  values: z.array(z.number()),
  timestamps: z.array(z.number()),
})

function seriesKey(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort())
}

/** All samples of `load`, whoever has them, in one order. */
async function exported(url: string): Promise<(readonly [series: string, samples: [number, number][]])[]> {
  const answer = await fetch(`${url}/api/v1/export?match[]=load`, { signal: AbortSignal.timeout(20_000) })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  const text = await answer.text()
  const bySeries = new Map<string, [number, number][]>()
  for (const line of text.trim().split('\n')) {
    if (line === '') continue
    const { metric, values, timestamps } = exportedLine.parse(JSON.parse(line))
    const key = seriesKey(metric)
    const points = bySeries.get(key) ?? []
    points.push(...timestamps.map((time, i): [number, number] => [time, values[i]!]))
    bySeries.set(key, points)
  }
  return [...bySeries]
    .map(([key, points]) => [key, points.sort((a, b) => a[0] - b[0])] as const)
    .sort((a, b) => (a[0] < b[0] ? -1 : 1))
}

describe.skipIf(!hasVmProgram('vmctl') || !hasVictoriaMetrics())('vmctl vm-native', () => {
  test('moves everything from VictoriaMetrics to the collector', async () => {
    const lab = await startLab()
    const victoria = lab.use(await startVictoriaMetrics(`${lab.directory}/victoria`))
    await post(`${victoria.url}/api/v1/import`, lines.join('\n'))
    await fetch(`${victoria.url}/internal/force_flush`)
    const there = await exported(victoria.url)
    expect(there).toHaveLength(3)
    await vmctl(
      'vm-native',
      `--vm-native-src-addr=${victoria.url}`,
      `--vm-native-dst-addr=${lab.collector.url}`,
      '--vm-native-filter-match={__name__="load"}',
      `--vm-native-filter-time-start=${new Date(now - 86_400_000).toISOString()}`,
    )
    expect(await exported(lab.collector.url)).toEqual(there)
  })

  test('moves everything from the collector to VictoriaMetrics', async () => {
    const lab = await startLab()
    const victoria = lab.use(await startVictoriaMetrics(`${lab.directory}/victoria`))
    await post(`${lab.collector.url}/api/v1/import`, lines.join('\n'))
    await vmctl(
      'vm-native',
      `--vm-native-src-addr=${lab.collector.url}`,
      `--vm-native-dst-addr=${victoria.url}`,
      '--vm-native-filter-match={__name__="load"}',
      `--vm-native-filter-time-start=${new Date(now - 86_400_000).toISOString()}`,
    )
    const here = await exported(lab.collector.url)
    expect(here).toHaveLength(3)
    await fetch(`${victoria.url}/internal/force_flush`)
    expect(await exported(victoria.url)).toEqual(here)
  })
})

/**
 * vmctl 1.79 hands series to its workers over a channel that holds 4 for each of them (--vm-concurrency, here 2), and a worker
 * that is told to finish leaves what is still in it: up to 8 series at the end of an import are dropped without an error, towards
 * any destination (app/vmctl/vm/vm.go, `startWorker`; later releases empty the channel first). It sends them in the order of their
 * labels, so those that are looked at here are followed by more than the channel holds.
 */
const behind = Array.from({ length: 20 }, (_, i) => `behind-${i}`)

describe.skipIf(!hasVmProgram('vmctl') || !hasPrometheus())('vmctl prometheus', () => {
  test('moves a snapshot of Prometheus to the collector', async () => {
    const lab = await startLab()
    const prometheus = lab.use(
      await startPrometheus(`${lab.directory}/prometheus`, { flags: ['--web.enable-admin-api'] }),
    )
    const recent = Array.from({ length: 200 }, (_, i) => [now - (200 - i) * 10_000, i / 4] as const)
    await writeOver(prometheus.url, ['a', 'b', ...behind], recent)
    const snapshot = await fetch(`${prometheus.url}/api/v1/admin/tsdb/snapshot`, { method: 'POST' })
    const { data } = z.object({ data: z.object({ name: z.string() }) }).parse(await snapshot.json())
    const said = await vmctl(
      'prometheus',
      '-s',
      `--prom-snapshot=${lab.directory}/prometheus/data/snapshots/${data.name}`,
      `--vm-addr=${lab.collector.url}`,
    )
    const series = new Map(await exported(lab.collector.url))
    for (const ins of ['a', 'b'])
      expect(series.get(seriesKey({ __name__: 'load', ins, job: 'drill' }))).toEqual(recent)
    const sent = Number(/total samples: (\d+)/.exec(said)?.[1])
    expect(series.size * recent.length, 'what vmctl says it sent is there').toBe(sent)
  })
})
