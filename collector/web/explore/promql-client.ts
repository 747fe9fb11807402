import { z } from 'zod'
import type { PrometheusClient } from '@prometheus-io/codemirror-promql'
import type { CollectorClient } from '../api/client.ts'

type Matcher = NonNullable<Parameters<PrometheusClient['labelValues']>[2]>[number]

const names = z.object({ data: z.array(z.string()) })
const seriesAnswer = z.object({ data: z.array(z.record(z.string(), z.string())) })
const metadataAnswer = z.object({
  data: z.record(z.string(), z.array(z.object({ type: z.string(), help: z.string() }))),
})

/** Names are completed from the series of so many milliseconds; metric names are asked again after that of `keepMs`. */
const lookBackMs = 3_600_000
const keepMs = 60_000
/** More than this nobody reads in a list. */
const mostNames = '5000'

/** What the completion of the editor asks, answered by the collector. What cannot be had completes nothing. */
export function promqlClient(
  client: Pick<CollectorClient, 'get'>,
  now: () => number,
  signal: AbortSignal,
): PrometheusClient {
  let metrics: { readonly atMs: number; readonly names: Promise<string[]> } | null = null
  const times = (): Record<string, string> => ({
    start: String(Math.floor((now() - lookBackMs) / 1000)),
    end: String(Math.ceil(now() / 1000)),
    limit: mostNames,
  })
  const orNothing = async <T>(asked: Promise<T>, nothing: T): Promise<T> => {
    try {
      return await asked
    } catch {
      return nothing
    }
  }
  const namesAt = async (path: string, selector: string | null): Promise<string[]> => {
    const match: Record<string, string> = selector === null ? {} : { 'match[]': selector }
    return (await client.get(path, { ...times(), ...match }, names, signal)).data
  }
  return {
    labelNames: (metric) => orNothing(namesAt('api/v1/labels', selectorOf(metric, [])), []),
    labelValues: (label, metric, matchers = []) =>
      orNothing(
        namesAt(
          `api/v1/label/${encodeURIComponent(label)}/values`,
          selectorOf(
            metric,
            matchers.filter(({ name }) => name !== label),
          ),
        ),
        [],
      ),
    metricNames: () => {
      if (metrics === null || now() - metrics.atMs > keepMs) {
        metrics = { atMs: now(), names: orNothing(namesAt('api/v1/label/__name__/values', null), []) }
      }
      return metrics.names
    },
    metricMetadata: () =>
      orNothing(
        client.get('api/v1/metadata', {}, metadataAnswer, signal).then(({ data }) => data),
        {},
      ),
    series: (metric, matchers = []) =>
      orNothing(
        client
          .get(
            'api/v1/series',
            { ...times(), 'match[]': selectorOf(metric, matchers) ?? '' },
            seriesAnswer,
            signal,
          )
          .then(({ data }) => data.map((labels) => new Map(Object.entries(labels)))),
        [],
      ),
    flags: () => Promise.resolve({}),
  }
}

/** `name{a="x"}`; matchers that are still being written are left out. Null for everything. */
export function selectorOf(
  metric: string | undefined,
  matchers: readonly Pick<Matcher, 'name' | 'type' | 'value'>[],
): string | null {
  const written = matchers.flatMap(({ name, type, value }) => {
    const operator = operators[type]
    return operator === undefined || value === '' ? [] : [`${name}${operator}${JSON.stringify(value)}`]
  })
  if (written.length === 0) return metric === undefined || metric === '' ? null : metric
  return `${metric ?? ''}{${written.join(',')}}`
}

/**
 * The terms of @prometheus-io/lezer-promql by which the parser tells matchers. They are not imported, because the package
 * is installed twice and a second grammar would be shipped for four numbers; a test compares them.
 */
export const operators: Readonly<Record<number, string>> = { 176: '=', 67: '!=', 177: '=~', 178: '!~' }
