import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PgherdError } from '../../../common/errors.ts'
import { compareLabelSets, labelKey, labelValue, metricNameLabel } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import type { MetricMetadata } from '../../../common/series/metric-type.ts'
import { isStaleAt } from '../../../common/series/stale.ts'
import { samplesPerSeries } from '../answer-query.ts'
import type { ApiContext } from '../api-context.ts'
import { askStore } from '../ask-store.ts'
import { seriesText } from '../export-lines.ts'
import { narrow, readExtraFilters, readSelectors } from '../extra-filters.ts'
import { valueText } from '../number-text.ts'
import { readParameters } from '../request-parameters.ts'
import { requireAdministration } from '../require-store.ts'
import { sendChunks } from '../send-chunks.ts'

/** How far back the last sample of a series may lie. */
const lookbackMs = 5 * 60_000

interface LastSample {
  readonly labels: LabelSet
  readonly timeMs: number
  readonly value: number
}

/** GET /federate: the last sample of every matching series, for a Prometheus that scrapes this one. */
export function addFederate(scope: FastifyInstance, context: ApiContext): void {
  scope.get('/federate', async (request: FastifyRequest, reply: FastifyReply) => {
    const parameters = readParameters(request)
    const asked = readSelectors(parameters, context)
    if (asked.length === 0) throw new PgherdError('BAD_REQUEST', 'no match[] parameter provided')
    const selectors = narrow(asked, readExtraFilters(parameters, context))
    const last = await askStore(context, reply, (signal) => lastSamples(context, selectors, signal))
    context.budget.take(reply, last.length * samplesPerSeries)
    return sendChunks(
      reply,
      exposition(last, context.deps.insert.metadata()),
      'text/plain; version=0.0.4; charset=utf-8',
    )
  })
}

async function lastSamples(
  { deps, limits }: ApiContext,
  selectors: Parameters<ReturnType<typeof requireAdministration>['exportSeries']>[0],
  signal: AbortSignal,
): Promise<LastSample[]> {
  const nowMs = deps.clock.now()
  const last: LastSample[] = []
  let current: string | undefined
  const pieces = requireAdministration(deps).exportSeries(selectors, nowMs - lookbackMs + 1, nowMs, signal)
  for await (const { labels, timestamps, values } of pieces) {
    if (timestamps.length === 0) continue
    const key = labelKey(labels)
    // A later piece of the same series has later samples.
    if (key === current) last.pop()
    current = undefined
    const i = timestamps.length - 1
    if (isStaleAt(values, i)) continue
    last.push({ labels, timeMs: timestamps[i]!, value: values[i]! })
    current = key
    if (last.length * samplesPerSeries > limits.answerSamples) {
      throw new PgherdError('QUERY_LIMIT', 'the selectors match too many series for one answer')
    }
  }
  return last.sort(
    (a, b) =>
      compareNames(labelValue(a.labels, metricNameLabel), labelValue(b.labels, metricNameLabel)) ||
      compareLabelSets(a.labels, b.labels),
  )
}

function* exposition(
  samples: readonly LastSample[],
  metadata: ReadonlyMap<string, readonly MetricMetadata[]>,
): Generator<string, void, undefined> {
  let text = ''
  let family: string | undefined
  for (const { labels, timeMs, value } of samples) {
    const name = labelValue(labels, metricNameLabel)
    if (name !== family) {
      const shown = /^[A-Za-z_:][A-Za-z0-9_:]*$/.test(name) ? name : JSON.stringify(name)
      text += `# TYPE ${shown} ${typeOf(name, metadata)}\n`
    }
    family = name
    text += `${seriesText(labels)} ${valueText(value)} ${timeMs}\n`
    if (text.length >= 64 * 1024) {
      yield text
      text = ''
    }
  }
  yield text
}

/**
 * What senders said last. The parts of a histogram or summary are metrics of their own here: the format wants all of a
 * family in one place, and a selector may leave some out.
 */
function typeOf(name: string, metadata: ReadonlyMap<string, readonly MetricMetadata[]>): string {
  const own = metadata.get(name)?.at(-1)?.type
  if (own === 'counter' || own === 'gauge') return own
  // OpenMetrics calls a counter by its name without the suffix.
  const family = name.endsWith('_total') ? metadata.get(name.slice(0, -'_total'.length)) : undefined
  return family?.at(-1)?.type === 'counter' ? 'counter' : 'untyped'
}

const compareNames = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
