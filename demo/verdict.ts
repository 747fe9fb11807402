import { queryCollector } from '../testbed/collector-api.ts'
import type { QueriedSeries } from '../testbed/collector-api.ts'
import { findGaps } from './gaps.ts'

export interface Verdict {
  /** Measurements of all servers together. */
  readonly measurements: number
  /** Measurements that are missing. */
  readonly missing: number
  /** One sentence per thing that is wrong; none means that all is well. */
  readonly problems: readonly string[]
}

export interface Expectation {
  /** The ins label of each server. */
  readonly instances: readonly string[]
  readonly intervalMs: number
  /** From when on samples may exist, and up to when they must have arrived. */
  readonly fromMs: number
  readonly untilMs: number
}

/** Asks the collector for every measurement since the start and looks for what is missing. */
export async function askForVerdict(collectorUrl: string, expected: Expectation): Promise<Verdict> {
  const now = Date.now()
  const seconds = Math.ceil((now - expected.fromMs) / 1000)
  return judge(await queryCollector(collectorUrl, `pg_up[${seconds}s]`, now), expected)
}

/** @param series `pg_up` of the servers, with its raw samples */
export function judge(series: readonly QueriedSeries[], expected: Expectation): Verdict {
  const problems: string[] = []
  let measurements = 0
  let missing = 0
  for (const instance of expected.instances) {
    const points = series.find(({ metric }) => metric['ins'] === instance)?.points ?? []
    measurements += points.length
    if (points.length < 2) {
      problems.push(`${instance} was measured ${points.length} times`)
      continue
    }
    for (const gap of findGaps(points, expected.intervalMs, expected.untilMs)) {
      missing += gap.missing
      problems.push(
        `${instance} has a gap from ${clockTime(gap.fromMs)} to ${clockTime(gap.toMs)} (${gap.missing} missing)`,
      )
    }
    const down = points.filter((point) => point.value !== 1)
    if (down.length > 0) {
      problems.push(
        `${instance} was down in ${down.length} measurements, first at ${clockTime(down[0]!.timestampMs)}`,
      )
    }
  }
  return { measurements, missing, problems }
}

function clockTime(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23)
}
