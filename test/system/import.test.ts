import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { labelSet } from '../../common/series/label-set.ts'
import { setStale } from '../../common/series/stale.ts'
import { createRemoteWriteEncoder, remoteWriteHeaders } from '../../common/wire/remote-write-encode.ts'
import { createOwnDirectory } from '../../testbed/own-directory.ts'
import { startCollector } from '../../testbed/pgherd.ts'
import { startVictoriaMetrics } from '../../testbed/victoria-metrics.ts'
import { waitFor } from '../../testbed/wait.ts'

const line = z.object({
  metric: z.record(z.string(), z.string()),
  values: z.array(z.union([z.number(), z.string(), z.null()])),
  timestamps: z.array(z.number()),
})

/** Series by their labels, each with its samples in the order of time. */
async function exported(url: string): Promise<ReadonlyMap<string, readonly unknown[]>> {
  const parameters = new URLSearchParams({ 'match[]': '{__name__!=""}', start: '0' })
  const answer = await fetch(`${url}/api/v1/export?${parameters.toString()}`)
  const series = new Map<string, [number, unknown][]>()
  for (const text of (await answer.text()).split('\n').filter((one) => one !== '')) {
    // VictoriaMetrics 1.79 writes what no JSON has.
    const { metric, values, timestamps } = line.parse(
      JSON.parse(text.replaceAll(/(?<=[[,])\+Inf(?=[,\]])/g, '"Infinity"')),
    )
    const key = JSON.stringify(Object.entries(metric).sort())
    const samples = timestamps.map((timestamp, i): [number, unknown] => [timestamp, values[i]])
    series.set(
      key,
      [...(series.get(key) ?? []), ...samples].sort(([a], [b]) => a - b),
    )
  }
  return series
}

async function post(url: string, body: string | Uint8Array, headers: Record<string, string> = {}) {
  const answer = await fetch(url, {
    method: 'POST',
    // Without a type fetch would say that a string is one, which VictoriaMetrics may take for a form.
    body: Buffer.from(body),
    headers,
  })
  return { status: answer.status, text: await answer.text() }
}

async function startBoth() {
  const own = createOwnDirectory({ prefix: 'pgherd-import-' })
  onTestFinished(() => own[Symbol.dispose]())
  const victoria = await startVictoriaMetrics(join(own.path, 'victoria'))
  onTestFinished(() => victoria[Symbol.asyncDispose]())
  const collector = await startCollector({ directory: join(own.path, 'collector') })
  onTestFinished(() => collector[Symbol.asyncDispose]())
  return { victoria: victoria.url, collector: collector.url }
}

/** What VictoriaMetrics has, once it shows that many samples: a flush does not wait for those that another is at work on. */
async function shownBy(victoria: string, samples: number): Promise<ReadonlyMap<string, unknown>> {
  let shown: ReadonlyMap<string, readonly unknown[]> = new Map()
  await waitFor(`VictoriaMetrics shows ${samples} samples`, async () => {
    await fetch(`${victoria}/internal/force_flush`)
    shown = await exported(victoria)
    return [...shown.values()].reduce((sum, { length }) => sum + length, 0) >= samples
  })
  return shown
}

test('what a VictoriaMetrics exports is imported as it is, stale markers included', async () => {
  const { victoria, collector } = await startBoth()
  const now = Math.floor(Date.now() / 1000) * 1000
  const series = Array.from({ length: 50 }, (_, i) =>
    labelSet({ __name__: 'm', i: String(i), text: `ö "${i}"\n` }),
  )
  const encoder = createRemoteWriteEncoder()
  for (let round = 0; round < 20; round++) {
    const values = Float64Array.from(series, (_, i) => (i === 3 ? Infinity : i * round * 1.5))
    if (round === 19) setStale(values, 7)
    const { bodies } = encoder.encode({ timestampMs: now - (20 - round) * 1000, series, values })
    for (const { body } of bodies) {
      expect((await post(`${victoria}/api/v1/write`, body, remoteWriteHeaders)).status).toBe(204)
    }
  }
  const there = await shownBy(victoria, 50 * 20)
  const parameters = new URLSearchParams({ 'match[]': 'm', start: '0' })
  const lines = await (await fetch(`${victoria}/api/v1/export?${parameters.toString()}`)).text()
  const answer = await post(`${collector}/api/v1/import`, gzipSync(lines), { 'content-encoding': 'gzip' })
  expect(answer).toEqual({ status: 204, text: '' })
  expect(await exported(collector)).toEqual(there)
  // A stale marker ends its series at once; any other NaN would be a value.
  const query = new URLSearchParams({ query: 'count(m)', time: String(now / 1000) })
  const counted = await (await fetch(`${collector}/api/v1/query?${query.toString()}`)).text()
  expect(counted).toContain('"49"')
})

test('lines of every format become the same series and samples as in a VictoriaMetrics', async () => {
  const { victoria, collector } = await startBoth()
  const seconds = Math.floor(Date.now() / 1000) - 60
  const time = new Date(seconds * 1000).toISOString()
  const bodies: readonly (readonly [path: string, body: string])[] = [
    [
      '/api/v1/import/prometheus?extra_label=dc=a',
      `# TYPE p_total counter\np_total{a="b\\n\\"c\\"",le="1"} 1.5 ${seconds}123\np_total{dc="own"} 2 ${seconds}000\n` +
        `p_seconds 3 ${seconds}\np_exemplar_bucket{le="+Inf"} 4 ${seconds}000 # {trace_id="x"} 0.5\n`,
    ],
    [
      '/write?db=mydb',
      `meas,tag1=a,tag2=b f1=1,f2=2i,f3=t,f4="str, x=1",f5=3u,value=9 ${seconds}000000000\n,x=y b=1 ${seconds}000000000\n`,
    ],
    [
      '/influx/write?db=mydb&precision=s',
      `m\\ eas\\,4,ta\\=g=v\\ al f\\ 1=1 ${seconds}\nm5,db=own f=-1.5e3 ${seconds}\n`,
    ],
    [
      '/api/v1/import/csv?format=2:metric:ask,3:metric:bid,1:label:ticker,4:time:unix_s',
      `GOOG,1.23,4.56,${seconds}\n"A ""B"", C",7,8,${seconds}\n`,
    ],
    ['/api/v1/import/csv?format=1:metric:at,2:time:rfc3339', `1,${time}\n`],
    [
      '/api/v1/import/csv?format=1:metric:custom,2:time:custom:2006-01-02%2015-04-05',
      `1,${time.slice(0, 10)} ${time.slice(11, 19).replaceAll(':', '-')}\n`,
    ],
    [
      '/api/v1/import?extra_label=dc=a',
      `{"metric":{"__name__":"j","x":"y"},"values":[1,2.5],"timestamps":[${seconds}000,${seconds}500]}\n`,
    ],
  ]
  for (const [path, body] of bodies) {
    expect([path, await post(victoria + path, body)]).toEqual([path, { status: 204, text: '' }])
    expect([path, await post(collector + path, body)]).toEqual([path, { status: 204, text: '' }])
  }
  const there = await shownBy(victoria, 21)
  expect(there.size).toBe(20)
  expect(await exported(collector)).toEqual(there)
})
