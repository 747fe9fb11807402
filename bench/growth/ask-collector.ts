import { cpuMs } from '../agent-cost/process-cost.ts'
import { createClient } from '../collector/http-post.ts'
import type { Client } from '../collector/http-post.ts'
import { startCollector } from '../../testbed/pgherd.ts'

const hourSeconds = 3600
const coldRuns = 3
const warmRuns = 50
/** The same in every store, whatever else it holds. */
const questions: Readonly<Record<string, string>> = {
  'rate of 40 series': 'sum(rate(pg_metric_7_total[5m]))',
  'rate of all series': 'sum by (cls) (rate({job="pgsql"}[5m]) keep_metric_names)',
  'all series as they are': 'max by (ins) ({job="pgsql"})',
}

export type Costs = Readonly<Record<string, Readonly<Record<string, string | number>>>>

/**
 * Asks a collector over HTTP for the last hour before `endMs`, a point a minute.
 * @param directory has the store in `store/metrics`, where the collector keeps it
 * @returns per question the bytes of the answer, milliseconds of the collector's CPU time (a mean) and the median by the
 *   clock; cold when asked first after a start, warm when repeated
 */
export async function askCollector(directory: string, endMs: number): Promise<Costs> {
  await using collector = await startCollector({
    directory,
    extraConfig: { 'rules.files': [], 'store.retention': '90d' },
  })
  using client = createClient(collector.url)
  const table: Record<string, Record<string, string | number>> = {}
  for (const [name, query] of Object.entries(questions)) {
    const ask = (): Promise<number> => lastHour(client, query, endMs / 1000)
    let coldMs = 0
    for (let run = 0; run < coldRuns; run++) {
      await collector.stop()
      await collector.start()
      const before = cpuMs(collector.pid)
      await ask()
      coldMs += (cpuMs(collector.pid) - before) / coldRuns
    }
    for (let run = 0; run < warmRuns; run++) await ask()
    const before = cpuMs(collector.pid)
    const wallMs: number[] = []
    let bytes = 0
    for (let run = 0; run < warmRuns; run++) {
      const startedMs = performance.now()
      bytes = await ask()
      wallMs.push(performance.now() - startedMs)
    }
    wallMs.sort((a, b) => a - b)
    table[name] = {
      bytes,
      'cold CPU': coldMs.toFixed(0),
      'warm CPU': ((cpuMs(collector.pid) - before) / warmRuns).toFixed(1),
      'warm p50': wallMs[warmRuns / 2]!.toFixed(1),
    }
  }
  return table
}

/** @returns bytes of the answer */
async function lastHour(client: Client, query: string, endSeconds: number): Promise<number> {
  const parameters = new URLSearchParams({
    query,
    start: String(endSeconds - hourSeconds),
    end: String(endSeconds),
    step: '60',
  })
  const { status, body } = await client.get(`/api/v1/query_range?${parameters.toString()}`)
  if (status !== 200) throw new Error(`a query was answered ${status}: ${body.toString().slice(0, 300)}`)
  return body.length
}
