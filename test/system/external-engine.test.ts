import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { labelSet } from '../../common/series/label-set.ts'
import { createRemoteWriteEncoder, remoteWriteHeaders } from '../../common/wire/remote-write-encode.ts'
import { startClusterProxy } from '../../testbed/cluster-proxy.ts'
import { queryCollector, readMetrics } from '../../testbed/collector-api.ts'
import { createOwnDirectory } from '../../testbed/own-directory.ts'
import { startCollector } from '../../testbed/pgherd.ts'
import type { ExtraConfig } from '../../testbed/pgherd.ts'
import { hasVictoriaMetrics, startVictoriaMetrics } from '../../testbed/victoria-metrics.ts'
import { waitFor } from '../../testbed/wait.ts'
import { outageOfEngine } from './engine-outage.ts'
import { settled } from './engine-settled.ts'

const rules = `
groups:
  - name: chain
    interval: 1s
    rules:
      - record: job:value:sum
        expr: sum by (job) (value)
      - record: job:value:twice
        expr: 2 * job:value:sum
      - alert: ValueIsHigh
        expr: job:value:twice > 10
        for: 3s
`
const encoder = createRemoteWriteEncoder()

function directory(): string {
  const own = createOwnDirectory({ prefix: 'pgherd-engine-' })
  onTestFinished(() => own[Symbol.dispose]())
  return own.path
}

async function write(
  url: string,
  timestampMs: number,
  values: Readonly<Record<string, number>>,
): Promise<void> {
  const series = Object.keys(values).map((ins) => labelSet({ __name__: 'value', job: 'drill', ins }))
  const { bodies } = encoder.encode({ timestampMs, series, values: Float64Array.from(Object.values(values)) })
  const answer = await fetch(`${url}/api/v1/write`, {
    method: 'POST',
    headers: remoteWriteHeaders,
    body: Buffer.from(bodies[0]!.body),
  })
  expect(answer.status).toBe(204)
}

async function get(url: string, parameters: Readonly<Record<string, string>> = {}, method = 'GET') {
  const answer = await fetch(`${url}?${new URLSearchParams(parameters).toString()}`, { method })
  return { status: answer.status, text: await answer.text() }
}

async function json(url: string, parameters: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const { text } = await get(url, parameters)
  return z.object({ data: z.unknown() }).parse(JSON.parse(text)).data
}

const alerts = z.object({
  alerts: z.array(
    z.object({ state: z.string(), activeAt: z.string(), labels: z.record(z.string(), z.string()) }),
  ),
})

async function startBoth(extra: ExtraConfig = {}) {
  const home = directory()
  const engine = await startVictoriaMetrics(join(home, 'engine'))
  onTestFinished(() => engine[Symbol.asyncDispose]())
  const ruleFile = join(home, 'rules.yaml')
  writeFileSync(ruleFile, rules)
  const collector = await startCollector({
    directory: join(home, 'collector'),
    extraConfig: {
      'store.kind': 'victoriametrics',
      'store.victoriametrics.insert': [{ url: engine.url }],
      'rules.files': [ruleFile],
      ...extra,
    },
  })
  onTestFinished(() => collector[Symbol.asyncDispose]())
  return { home, engine, collector, api: `${collector.url}/api/v1` }
}

test.skipIf(!hasVictoriaMetrics())(
  'everything that the collector does works in front of a VictoriaMetrics',
  async () => {
    const { collector, engine, api } = await startBoth()
    const { url } = collector
    // Its range queries hide the newest second.
    const nowMs = Math.floor(Date.now() / 1000) * 1000 - 3_000
    for (let secondsAgo = 20; secondsAgo >= 0; secondsAgo--) {
      await write(url, nowMs - secondsAgo * 1000, { a: 1 + (20 - secondsAgo) / 10, b: 4 })
    }
    await settled(url, engine.url)

    const seen = await waitFor('the samples in a query', async () => {
      const found = await queryCollector(url, 'value', nowMs)
      return found.length === 2 ? found : undefined
    })
    expect(seen.map(({ metric, points }) => [metric['ins'], points[0]?.value])).toEqual([
      ['a', 3],
      ['b', 4],
    ])
    expect(await json(`${api}/query`, { query: '1 + 1', time: '5' })).toEqual({
      resultType: 'scalar',
      result: [5, '2'],
    })
    const range = { start: String(nowMs / 1000 - 10), end: String(nowMs / 1000), step: '5' }
    expect(await json(`${api}/query_range`, { query: 'sum(value)', ...range })).toEqual({
      resultType: 'matrix',
      result: [
        {
          metric: {},
          values: [
            [nowMs / 1000 - 10, '6'],
            [nowMs / 1000 - 5, '6.5'],
            [nowMs / 1000, '7'],
          ],
        },
      ],
    })
    expect(await get(`${api}/query`, { query: 'sum(' })).toMatchObject({
      status: 400,
      text: expect.stringContaining('"errorType":"bad_data"') as unknown,
    })
    expect(await get(`${api}/query`, { query: 'label_replace(value, "x")' })).toMatchObject({
      status: 422,
      text: expect.stringContaining('unexpected number of args') as unknown,
    })
    expect(await json(`${api}/label/ins/values`, { 'match[]': 'value' })).toEqual(['a', 'b'])
    expect(await json(`${api}/labels`, { 'match[]': 'value' })).toEqual(['__name__', 'ins', 'job'])
    expect(await json(`${api}/series`, { 'match[]': 'value{ins="a"}' })).toEqual([
      { __name__: 'value', ins: 'a', job: 'drill' },
    ])
    expect(await json(`${api}/status/tsdb`)).toMatchObject({
      seriesCountByMetricName: expect.arrayContaining([{ name: 'value', value: 2 }]) as unknown,
    })
    const exported = await get(`${api}/export`, { 'match[]': 'value{ins="b"}' })
    expect(JSON.parse(exported.text)).toMatchObject({
      metric: { __name__: 'value', job: 'drill', ins: 'b' },
      values: Array.from({ length: 21 }, () => 4),
    })
    const federated = await get(`${url}/federate`, { 'match[]': 'value{ins="a"}' })
    expect(federated.text).toContain(`value{ins="a",job="drill"} 3 ${nowMs}`)

    const created = await get(`${api}/admin/tsdb/snapshot`, {}, 'POST')
    expect(created.status).toBe(200)

    // A rule reads what the rule before it has written in the same evaluation, and an alert what that has written.
    const [twice] = await waitFor('the second rule', async () => {
      const found = await queryCollector(url, 'job:value:twice')
      return found.length > 0 ? found : undefined
    })
    expect(twice?.points[0]?.value).toBe(14)
    const firing = await waitFor('the alert', async () => {
      const [found] = alerts.parse(await json(`${api}/alerts`)).alerts
      return found?.state === 'firing' ? found : undefined
    })
    expect(firing.labels).toMatchObject({ alertname: 'ValueIsHigh', job: 'drill' })

    // After a restart it is the alert that it was.
    expect(await collector.stop()).toBe(0)
    await collector.start()
    const restored = await waitFor('the alert after the restart', async () => {
      const [found] = alerts.parse(await json(`${api}/alerts`)).alerts
      return found?.state === 'firing' ? found : undefined
    })
    // The series that remembers it counts in seconds.
    expect(restored.activeAt.slice(0, 19)).toBe(firing.activeAt.slice(0, 19))

    expect(
      (await get(`${api}/admin/tsdb/delete_series`, { 'match[]': 'value{ins="b"}' }, 'POST')).status,
    ).toBe(204)
    await waitFor('the series is gone', async () => {
      const left = await queryCollector(url, 'count_over_time(value[1h])')
      return left.length === 1 && left[0]?.metric['ins'] === 'a'
    })
    await write(url, Date.now(), { b: 9 })
    await settled(url, engine.url)
    await waitFor('the same series again', async () => {
      const [found] = await queryCollector(url, 'value{ins="b"}')
      return found?.points[0]?.value === 9
    })
    const figures = await readMetrics(`${url}/metrics`)
    expect(figures.get('pgherd_store_dropped_records_total{status="400"}')).toBeUndefined()
    expect(figures.get('pgherd_store_requests_total{direction="insert",status="204"}')).toBeGreaterThan(0)
  },
)

test.skipIf(!hasVictoriaMetrics())(
  'the engine is killed for a while, the collector too: no acknowledged sample is lost, none is doubled',
  async () => {
    await outageOfEngine({ outageMs: 1_500, collectorKills: 1 })
  },
)

test.skipIf(!hasVictoriaMetrics())(
  'a cluster: tenants in the URLs, TLS and credentials of each front, the second where the first is down',
  async () => {
    const home = directory()
    await using engine = await startVictoriaMetrics(join(home, 'engine'))
    const certificate = fileURLToPath(new URL('../agent/postgres/tls/server.crt', import.meta.url))
    const key = fileURLToPath(new URL('../agent/postgres/tls/server.key', import.meta.url))
    const tls = { cert: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') }
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'password'), 'secret\n')
    writeFileSync(join(home, 'token'), 'token\n')
    const basic = `Basic ${Buffer.from('writer:secret').toString('base64')}`
    const shared = { target: engine.url, tenant: '7:3' }
    await using first = await startClusterProxy({ ...shared, serves: 'insert', authorization: basic, tls })
    await using second = await startClusterProxy({ ...shared, serves: 'insert' })
    await using select = await startClusterProxy({
      ...shared,
      serves: 'select',
      authorization: 'Bearer token',
    })
    await using spare = await startClusterProxy({ ...shared, serves: 'select' })
    await using collector = await startCollector({
      directory: join(home, 'collector'),
      extraConfig: {
        'store.kind': 'victoriametrics',
        'store.victoriametrics.tenant': '7:3',
        'store.victoriametrics.insert': [
          { url: first.url, username: 'writer', password_file: join(home, 'password'), ca_file: certificate },
          { url: second.url },
        ],
        'store.victoriametrics.select': [
          { url: select.url, bearer_token_file: join(home, 'token') },
          { url: spare.url },
        ],
        'rules.files': [],
      },
    })
    const nowMs = Math.floor(Date.now() / 1000) * 1000
    const arrives = async (value: number) => {
      await settled(collector.url, engine.url)
      await waitFor(`${value} in a query`, async () => {
        const [found] = await queryCollector(collector.url, 'value')
        return found?.points[0]?.value === value
      })
    }

    await write(collector.url, nowMs - 2_000, { a: 1 })
    await arrives(1)
    expect(first.paths).toContain('/insert/7:3/prometheus/api/v1/write')
    expect(select.paths).toContain('/select/7:3/prometheus/api/v1/query')
    expect([second.paths, spare.paths]).toEqual([[], []])

    first.setDown(true)
    select.setDown(true)
    await write(collector.url, nowMs - 1_000, { a: 2 })
    await arrives(2)
    expect(second.paths).toContain('/insert/7:3/prometheus/api/v1/write')
    expect(spare.paths).toContain('/select/7:3/prometheus/api/v1/query')

    const snapshot = await get(`${collector.url}/api/v1/admin/tsdb/snapshot`, {}, 'POST')
    expect(snapshot).toMatchObject({
      status: 501,
      text: expect.stringContaining('made at each vmstorage') as unknown,
    })

    first.setDown(false)
    const before = first.paths.length
    await waitFor('the first is the first again', async () => {
      await write(collector.url, nowMs, { a: 3 })
      return first.paths.slice(before).some((path) => path.endsWith('/write'))
    })
    await arrives(3)

    const deletion = await get(
      `${collector.url}/api/v1/admin/tsdb/delete_series`,
      { 'match[]': 'value' },
      'POST',
    )
    expect(deletion.status).toBe(204)
    const deletePath = '/delete/7:3/prometheus/api/v1/admin/tsdb/delete_series'
    expect([...select.paths, ...spare.paths]).toContain(deletePath)
    await waitFor(
      'the series is gone',
      async () => (await queryCollector(collector.url, 'value')).length === 0,
    )
  },
)

test('what was written to the embedded store is there again when the kind is changed back', async () => {
  const home = directory()
  const start = (extraConfig: ExtraConfig) =>
    startCollector({ directory: home, extraConfig: { 'rules.files': [], ...extraConfig } })
  const nowMs = Math.floor(Date.now() / 1000) * 1000
  {
    await using collector = await start({})
    await write(collector.url, nowMs, { embedded: 1 })
  }
  {
    await using collector = await start({
      'store.kind': 'victoriametrics',
      // Nobody listens there.
      'store.victoriametrics.insert': [{ url: 'http://127.0.0.1:1' }],
    })
    await write(collector.url, nowMs, { external: 1 })
    const { status, text } = await get(`${collector.url}/api/v1/query`, { query: 'value' })
    expect({ status, text }).toMatchObject({
      status: 503,
      text: expect.stringContaining('cannot reach http://127.0.0.1:1: ECONNREFUSED') as unknown,
    })
  }
  await using collector = await start({})
  const found = await queryCollector(collector.url, 'value', nowMs)
  expect(found.map(({ metric }) => metric['ins'])).toEqual(['embedded'])
  expect(collector.logTail()).toContain('store.kind no longer names')
})
