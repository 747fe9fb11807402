import { onTestFinished } from 'vitest'
import { createOwnDirectory } from '../../../testbed/own-directory.ts'
import { startCollector } from '../../../testbed/pgherd.ts'
import type { CollectorProcess } from '../../../testbed/pgherd.ts'
import { queryCollector } from '../../../testbed/collector-api.ts'
import type { QueriedSeries } from '../../../testbed/collector-api.ts'
import { waitFor } from '../../../testbed/wait.ts'

export interface Lab {
  readonly directory: string
  readonly collector: CollectorProcess
  /** Disposed of with the test, in reverse order. */
  use<T extends AsyncDisposable>(part: T): T
  query(expression: string, atMs?: number): Promise<readonly QueriedSeries[]>
  /** Asks again until the answer has at least one series. */
  waitForSeries(expression: string): Promise<readonly QueriedSeries[]>
}

/** A collector without rules of its own, for one test. */
export async function startLab(): Promise<Lab> {
  const stack = new AsyncDisposableStack()
  onTestFinished(() => stack.disposeAsync())
  const directory = stack.use(createOwnDirectory({ prefix: 'pgherd-clients-' })).path
  const collector = stack.use(
    await startCollector({ directory: `${directory}/collector`, extraConfig: { 'rules.files': [] } }),
  )
  const query = (expression: string, atMs?: number): Promise<readonly QueriedSeries[]> =>
    queryCollector(collector.url, expression, atMs)
  return {
    directory,
    collector,
    use: (part) => stack.use(part),
    query,
    waitForSeries: (expression) =>
      waitFor(
        `${expression} has an answer`,
        async () => {
          const found = await query(expression)
          return found.length > 0 ? found : undefined
        },
        { timeoutMs: 20_000, explain: () => collector.logTail() },
      ),
  }
}

/** Samples as JSON lines, the form that VictoriaMetrics and the collector import. */
export function jsonLine(
  labels: Readonly<Record<string, string>>,
  samples: readonly (readonly [timeMs: number, value: number])[],
): string {
  return JSON.stringify({
    metric: labels,
    values: samples.map(([, value]) => value),
    timestamps: samples.map(([timeMs]) => timeMs),
  })
}

export async function post(url: string, body: string): Promise<void> {
  const answer = await fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(10_000) })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
}
