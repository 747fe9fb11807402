import { describe, expect, test } from 'vitest'
import { queryCollector } from '../../../testbed/collector-api.ts'
import { hasPrometheus, startPrometheus } from '../../../testbed/prometheus.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { jsonLine, post, startLab } from './lab.ts'

describe.skipIf(!hasPrometheus())('Prometheus', () => {
  test('writes what it scrapes to the collector, with a stale marker at the end of a target', async () => {
    const lab = await startLab()
    const target = `127.0.0.1:${lab.collector.port}`
    const prometheus = await startPrometheus(`${lab.directory}/prometheus`, {
      config:
        `scrape_configs: [ { job_name: drill, scrape_interval: 1s, scrape_timeout: 1s, static_configs: [ { targets: ['${target}'] } ] } ]\n` +
        `remote_write: [ { url: '${lab.collector.url}/api/v1/write', queue_config: { batch_send_deadline: 100ms } } ]\n`,
    })
    await lab.waitForSeries('up{job="drill"} == 1')
    const [here] = await lab.waitForSeries('pgherd_ingest_samples_total{job="drill"}')
    const [there] = await queryCollector(
      prometheus.url,
      'pgherd_ingest_samples_total{job="drill"}',
      here!.points[0]!.timestampMs,
    )
    expect(there!.metric).toEqual(here!.metric)
    await prometheus[Symbol.asyncDispose]()
  })

  test('reads the collector through remote_read: an hour of a series that it never scraped', async () => {
    const lab = await startLab()
    const now = Math.floor(Date.now() / 1000) * 1000
    const samples = Array.from({ length: 360 }, (_, i) => [now - (360 - i) * 10_000, i] as const)
    await post(
      `${lab.collector.url}/api/v1/import`,
      ['a', 'b'].map((ins) => jsonLine({ __name__: 'load', ins }, samples)).join('\n'),
    )
    const prometheus = lab.use(
      await startPrometheus(`${lab.directory}/prometheus`, {
        config: `remote_read: [ { url: '${lab.collector.url}/api/v1/read', read_recent: true } ]\n`,
      }),
    )
    for (const expression of ['load[1h]', 'sum(rate(load[5m]))', 'load{ins=~"a|x"}', 'load{ins!="a"}']) {
      const there = await queryCollector(prometheus.url, expression, now + 1)
      expect(there.length, expression).toBeGreaterThan(0)
      expect(there, expression).toEqual(await queryCollector(lab.collector.url, expression, now + 1))
    }
  })

  test('scrapes the federation of the collector', async () => {
    const lab = await startLab()
    const now = Date.now()
    await post(
      `${lab.collector.url}/api/v1/import`,
      ['a', 'b'].map((ins) => jsonLine({ __name__: 'load', ins }, [[now, 1]])).join('\n'),
    )
    const prometheus = lab.use(
      await startPrometheus(`${lab.directory}/prometheus`, {
        config: `
scrape_configs:
- job_name: federate
  scrape_interval: 1s
  honor_labels: true
  metrics_path: /federate
  params: { 'match[]': ['{__name__="load"}'] }
  static_configs: [ { targets: ['127.0.0.1:${lab.collector.port}'] } ]
`,
      }),
    )
    await waitFor('a scrape with two samples', async () => {
      const [scraped] = await queryCollector(prometheus.url, 'scrape_samples_scraped{job="federate"}')
      return scraped?.points[0]?.value === 2
    })
    expect(await queryCollector(prometheus.url, 'load', now)).toHaveLength(2)
  })
})
