import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { hasPrometheus, startPrometheus } from '../../../testbed/prometheus.ts'
import { startLab } from './lab.ts'
import { writeOver } from './remote-write.ts'

interface Call {
  readonly what: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly parameters: Readonly<Record<string, string>>
}

const now = Math.floor(Date.now() / 60_000) * 60_000
const [start, end] = [String(now / 1000 - 600), String(now / 1000)]

/** What Grafana's Prometheus data source sends, read off its source. */
const calls: readonly Call[] = [
  { what: 'the health check', method: 'POST', path: 'query', parameters: { query: '1+1', time: '4' } },
  {
    what: 'a panel',
    method: 'POST',
    path: 'query_range',
    parameters: { query: 'sum by (ins) (load{job=~"dr.*"})', start, end, step: '15' },
  },
  {
    what: 'a panel without an answer',
    method: 'POST',
    path: 'query_range',
    parameters: { query: 'nothing', start, end, step: '15' },
  },
  { what: 'a stat', method: 'POST', path: 'query', parameters: { query: 'load', time: end } },
  { what: 'a scalar', method: 'POST', path: 'query', parameters: { query: 'scalar(sum(load))', time: end } },
  { what: 'label names', method: 'POST', path: 'labels', parameters: { start, end, 'match[]': 'load' } },
  { what: 'all label names', method: 'POST', path: 'labels', parameters: { start, end } },
  {
    what: 'label values',
    method: 'GET',
    path: 'label/ins/values',
    parameters: { start, end, 'match[]': 'load{job="drill"}' },
  },
  { what: 'metric names', method: 'GET', path: 'label/__name__/values', parameters: { start, end } },
  { what: 'series', method: 'POST', path: 'series', parameters: { start, end, 'match[]': 'load' } },
  { what: 'alert rules', method: 'GET', path: 'rules', parameters: {} },
  {
    what: 'the probe for exemplars',
    method: 'POST',
    path: 'query_exemplars',
    parameters: { query: 'load', start, end },
  },
]

async function send(
  url: string,
  { method, path, parameters }: Call,
): Promise<{ status: number; body: unknown }> {
  const encoded = new URLSearchParams(parameters).toString()
  const answer = await fetch(`${url}/api/v1/${path}${method === 'GET' ? `?${encoded}` : ''}`, {
    method,
    ...(method === 'GET'
      ? {}
      : { body: encoded, headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    signal: AbortSignal.timeout(10_000),
  })
  return { status: answer.status, body: sorted(await answer.json()) }
}

const body = z.object({ data: z.object({ result: z.array(z.unknown()) }) })

/** Series come in no particular order; `stats`, which VictoriaMetrics adds and vmalert reads, Prometheus has not. */
function sorted(answer: unknown): unknown {
  const rest = { ...(answer as Record<string, unknown>) }
  delete rest['stats']
  const parsed = body.safeParse(answer)
  if (!parsed.success) return rest
  const text = (value: unknown): string => JSON.stringify(value)
  const result = parsed.data.data.result.toSorted((a, b) => (text(a) < text(b) ? -1 : 1))
  return { ...rest, data: { ...(rest['data'] as object), result } }
}

describe.skipIf(!hasPrometheus())("Grafana's Prometheus data source", () => {
  test('gets from the collector what it gets from Prometheus with the same samples', async () => {
    const lab = await startLab()
    const prometheus = lab.use(await startPrometheus(`${lab.directory}/prometheus`))
    const samples = Array.from({ length: 61 }, (_, i) => [now - (60 - i) * 10_000, i / 8] as const)
    for (const url of [lab.collector.url, prometheus.url]) await writeOver(url, ['a', 'b'], samples)
    for (const call of calls) {
      expect(await send(lab.collector.url, call), call.what).toEqual(await send(prometheus.url, call))
    }
  })

  test('takes the collector for a Prometheus of its version, not for a Mimir', async () => {
    const lab = await startLab()
    const answer = await fetch(`${lab.collector.url}/api/v1/status/buildinfo`)
    const build = z
      .object({ status: z.literal('success'), data: z.record(z.string(), z.unknown()) })
      .parse(await answer.json())
    expect(build.data['version']).toMatch(/^\d+\.\d+\.\d+$/)
    expect(build.data).not.toHaveProperty('features')
  })

  test('an answer of metadata has its shape', async () => {
    const lab = await startLab()
    const answer = await fetch(`${lab.collector.url}/api/v1/metadata?limit=10`)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ status: 'success', data: {} })
  })
})
