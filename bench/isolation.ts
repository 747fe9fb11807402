/**
 * How long writes take while dashboards ask: `node bench/isolation.ts [seconds]`. One sender writes a sample of 2,000
 * series per request, twenty times a second, beside clients that ask for the rate of all of them over an hour in a
 * closed loop. The collector and Debian's VictoriaMetrics, one after the other; milliseconds by the clock, of this machine.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { labelRecord, labelSet } from '../common/series/label-set.ts'
import { createFleet } from './collector/fleet.ts'
import type { FleetGroup } from './collector/fleet.ts'
import { createClient } from './collector/http-post.ts'
import { createEncode, send, write } from './collector/send.ts'
import { missingServers, startServer } from './collector/servers.ts'

const phaseMs = Number(process.argv[2] ?? '5') * 1000
const seriesCount = 2000
const intervalMs = 10_000
const hourMs = 3_600_000
const betweenWritesMs = 50
const clientCounts = [0, 1, 4, 16]
const names = missingServers().includes('victoria-metrics')
  ? (['pgherd'] as const)
  : (['pgherd', 'VictoriaMetrics'] as const)

/** The first sample of the writes that are measured comes behind the last that was loaded. */
const lastMs = Math.floor(Date.now() / intervalMs) * intervalMs - 30 * 60_000

/** All of one name, so that one rate is of all of them. */
function createGroup(): FleetGroup {
  const [group] = createFleet(seriesCount, seriesCount)
  const series = group!.series.map((labels) => {
    const { __name__: metric = '', ...others } = labelRecord(labels)
    return labelSet({ ...others, metric, __name__: 'm_total' })
  })
  return { ...group!, series }
}

async function ask(url: string, stop: AbortSignal): Promise<number> {
  using client = createClient(url)
  let answers = 0
  while (!stop.aborted) {
    const parameters = new URLSearchParams({
      query: 'sum(rate(m_total[5m]))',
      start: String((lastMs - hourMs) / 1000),
      end: String(lastMs / 1000),
      step: '15',
      nocache: '1',
    })
    const { status, body } = await client.get(`/api/v1/query_range?${parameters.toString()}`)
    if (status !== 200) throw new Error(`a query was answered ${status}: ${body.toString().slice(0, 300)}`)
    answers++
  }
  return answers
}

async function measure(
  url: string,
  group: FleetGroup,
  firstMs: number,
  clients: number,
): Promise<{ writes: number[]; answers: number; timeMs: number }> {
  const encode = createEncode('agent')
  using writer = createClient(url)
  const stop = new AbortController()
  const asking = Array.from({ length: clients }, () => ask(url, stop.signal))
  const writes: number[] = []
  let timeMs = firstMs
  const endMs = performance.now() + phaseMs
  while (performance.now() < endMs) {
    await sleep(betweenWritesMs)
    group.advance()
    const body = encode(group, (timeMs += 1000))
    const startedMs = performance.now()
    await write(writer, body)
    writes.push(performance.now() - startedMs)
  }
  stop.abort()
  const answers = (await Promise.all(asking)).reduce((sum, count) => sum + count, 0)
  return { writes: writes.sort((a, b) => a - b), answers, timeMs }
}

const at = (sorted: readonly number[], share: number): string =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(1)

const directory = mkdtempSync(join(tmpdir(), 'pgherd-bench-isolation-'))
const table: Record<string, Record<string, string | number>> = {}
try {
  for (const name of names) {
    await using server = await startServer(name, join(directory, name))
    const group = createGroup()
    const span = { fromMs: lastMs - hourMs - 5 * 60_000, toMs: lastMs, intervalMs }
    await send({ url: server.url, groups: [group], ...span, lanes: 1, compression: 'agent' })
    // Neither is measured while its code is still cold.
    await measure(server.url, group, lastMs, 1)
    let firstMs = lastMs + hourMs / 4
    for (const clients of clientCounts) {
      const { writes, answers, timeMs } = await measure(server.url, group, firstMs, clients)
      firstMs = timeMs
      table[`${name}, ${clients} clients`] = {
        'write p50': at(writes, 0.5),
        'write p99': at(writes, 0.99),
        'write max': at(writes, 1),
        'answers per second': Math.round((answers / phaseMs) * 10_000) / 10,
      }
    }
  }
} finally {
  rmSync(directory, { recursive: true, force: true })
}
console.table(table)
