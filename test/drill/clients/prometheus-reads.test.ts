import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { queryCollector } from '../../../testbed/collector-api.ts'
import { startCollector } from '../../../testbed/pgherd.ts'
import type { CollectorProcess } from '../../../testbed/pgherd.ts'
import { startPrometheus } from '../../../testbed/prometheus.ts'
import type { Prometheus } from '../../../testbed/prometheus.ts'
import { runCommand } from '../../../testbed/run-command.ts'
import { waitFor } from '../../../testbed/wait.ts'

let directory: string
let collector: CollectorProcess
let prometheus: Prometheus

/** Two minutes of two series, the last sample a moment ago. */
const nowMs = Math.floor(Date.now() / 1000) * 1000
const timestamps = Array.from({ length: 13 }, (_, i) => nowMs - (12 - i) * 10_000)

/** A Prometheus that scrapes nothing but the collector's federation, and reads from it what it does not have. */
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'pgherd-prometheus-reads-'))
  collector = await startCollector({ directory: join(directory, 'collector') })
  prometheus = await startPrometheus(join(directory, 'prometheus'), {
    config: `
remote_read:
  - url: ${collector.url}/api/v1/read
    read_recent: true
scrape_configs:
  - job_name: federate
    scrape_interval: 1s
    honor_labels: true
    metrics_path: /federate
    params: { 'match[]': ['{__name__="federated"}'] }
    static_configs: [{ targets: ['127.0.0.1:${collector.port}'] }]
`,
  })
  const lines = ['read_me', 'federated'].flatMap((__name__) =>
    ['a', 'b'].map((ins) =>
      JSON.stringify({
        metric: { __name__, ins },
        values: timestamps.map((_, i) => i * (ins === 'a' ? 1 : 10)),
        timestamps,
      }),
    ),
  )
  const answer = await fetch(`${collector.url}/api/v1/import`, { method: 'POST', body: lines.join('\n') })
  expect(answer.status).toBe(204)
})

afterAll(async () => {
  await prometheus[Symbol.asyncDispose]()
  await collector[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true, force: true })
})

test('Prometheus answers from the collector what it reads remotely', async () => {
  const raw = await queryCollector(prometheus.url, 'read_me{ins=~"a|c"}[5m]', nowMs)
  expect(raw).toEqual([
    {
      metric: { __name__: 'read_me', ins: 'a' },
      points: timestamps.map((timestampMs, value) => ({ timestampMs, value })),
    },
  ])
  const expression = 'sum by (ins) (rate(read_me[1m]))'
  const ofPrometheus = await queryCollector(prometheus.url, expression, nowMs)
  expect(ofPrometheus).toHaveLength(2)
  expect(ofPrometheus.map(({ points }) => points[0]?.value)).toEqual([0.1, 1])
})

test('Prometheus scrapes the federation', async () => {
  // Written by its scrape and by nothing else: the collector does not know this series.
  const scraped = await waitFor('a scrape with two samples', async () => {
    const [series] = await queryCollector(prometheus.url, 'scrape_samples_scraped{job="federate"}')
    return series?.points[0]?.value === 2
  })
  expect(scraped).toBe(true)
})

test('promtool asks the collector as it asks Prometheus', async () => {
  const ask = async (...args: string[]) => (await runCommand('promtool', ['query', ...args])).stdout.trim()
  expect(await ask('series', '--match=read_me{ins="a"}', collector.url)).toBe('{__name__="read_me", ins="a"}')
  expect(await ask('labels', collector.url, 'ins')).toBe('a\nb')
  expect(await ask('instant', collector.url, 'count(read_me)')).toMatch(/^\{\} => 2 @/)
})
