import type { Clock } from '../../common/clock.ts'
import { catalogue } from '../../common/errors.ts'
import { silentLog } from '../../common/log.ts'
import { formatExposition } from '../../common/series/exposition-text.ts'
import type { MeasuredPart } from '../../common/series/exposition-text.ts'
import type { AgentConfig } from '../config.ts'
import { probePaths } from '../probe-files.ts'
import { loadProbes } from '../probes/load.ts'
import { beginRound } from '../scrape/source.ts'
import type { Source } from '../scrape/source.ts'
import { createSeriesBudget } from '../scrape/series-budget.ts'
import { createSources } from '../sources.ts'
import { describeMetrics } from './describe-metrics.ts'

/** Nobody waits for the next scrape: long enough to look into every database. */
const timeoutMs = 60_000

/**
 * Measures every source once and prints the exposition. What is pushed is left alone: the spool is not opened.
 * @returns 0, or the status of UNREACHABLE when a source is down; `up` tells which
 */
export async function measureOnce(
  config: AgentConfig,
  context: { readonly clock: Clock; readonly print: (text: string) => void },
): Promise<number> {
  const { clock } = context
  const probes = await loadProbes(...probePaths(config))
  await using stack = new AsyncDisposableStack()
  const sources = createSources({
    config,
    probes: () => probes,
    budget: createSeriesBudget(Infinity),
    clock,
    log: silentLog,
  })
  for (const source of sources) stack.use(source)
  const parts = await Promise.all(sources.map((source) => measure(source, clock)))
  context.print(formatExposition(parts, describeMetrics(probes)).trimEnd())
  return parts.every(({ up }) => up) ? 0 : catalogue.UNREACHABLE.exit
}

async function measure(source: Source, clock: Clock): Promise<MeasuredPart & { readonly up: boolean }> {
  const startedMs = clock.monotonic()
  const measured = await source.measure(beginRound(clock.now(), timeoutMs, clock))
  const { up, essential = [], tables } = measured
  const scrape = {
    metrics: ['up', 'scrape_duration_seconds'],
    labelNames: [],
    rows: [{ labels: [], values: [up ? 1 : 0, (clock.monotonic() - startedMs) / 1000] }],
  }
  return { up, labels: source.labels, tables: [...essential, ...tables, scrape] }
}
