import { cpuMs } from '../agent-cost/process-cost.ts'
import { createClient } from '../collector/http-post.ts'
import type { CollectorProcess } from '../../testbed/pgherd.ts'
import { stepSeconds } from './questions.ts'
import type { PanelQuestion } from './questions.ts'

const runs = 5

/** What a panel took: medians of several runs. */
export interface PanelCost {
  readonly panel: string
  readonly wallMs: number
  /** Of the collector. */
  readonly cpuMs: number
  readonly series: number
}

/** Asks all that a panel asks at the same time, as a page does, over the range that ends at `endMs`. */
export async function askPanel(
  collector: CollectorProcess,
  { panel, expressions }: PanelQuestion,
  startMs: number,
  endMs: number,
): Promise<PanelCost> {
  using client = createClient(collector.url)
  const askOnce = async (): Promise<number> => {
    const found = await Promise.all(
      expressions.map(async (query) => {
        const parameters = new URLSearchParams({
          query,
          start: String(startMs / 1000),
          end: String(endMs / 1000),
          step: String(stepSeconds),
        })
        const { status, body } = await client.get(`/api/v1/query_range?${parameters.toString()}`)
        if (status !== 200) throw new Error(`${panel}: ${status} ${body.toString().slice(0, 300)}: ${query}`)
        const answer = JSON.parse(body.toString()) as { data: { result: unknown[] } }
        return answer.data.result.length
      }),
    )
    return found.reduce((sum, length) => sum + length, 0)
  }
  const series = await askOnce()
  const walls: number[] = []
  const before = cpuMs(collector.pid)
  for (let run = 0; run < runs; run++) {
    const startedMs = performance.now()
    await askOnce()
    walls.push(performance.now() - startedMs)
  }
  const cpu = (cpuMs(collector.pid) - before) / runs
  walls.sort((a, b) => a - b)
  return { panel, wallMs: walls[Math.floor(runs / 2)]!, cpuMs: cpu, series }
}
