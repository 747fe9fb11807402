import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHttpClient } from '../../../../common/http-client.ts'
import { findProgram } from '../../../../testbed/find-program.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'
import { freePort } from '../../../../testbed/ports.ts'
import { startChild } from '../../../../testbed/process.ts'

interface QueryAnswer {
  readonly data: {
    readonly result: { readonly metric: Record<string, string>; readonly value: [number, string] }[]
  }
}

/** Series as `name{label="value",...}` with what Prometheus has as their value. */
export type Ingested = ReadonlyMap<string, number>

/**
 * Has a real Prometheus scrape each URL, without timestamps.
 * @returns by URL what it took in; empty when it refused all
 */
export async function ingestedByPrometheus(urls: readonly string[]): Promise<ReadonlyMap<string, Ingested>> {
  using directory = createOwnDirectory({ prefix: 'pgherd-prometheus-' })
  const configFile = join(directory.path, 'prometheus.yml')
  const jobs = urls.map((url, i) => {
    const { host, pathname } = new URL(url)
    return `- { job_name: "${i}", honor_timestamps: false, metrics_path: "${pathname}", static_configs: [{ targets: ["${host}"] }] }\n`
  })
  writeFileSync(
    configFile,
    `global: { scrape_interval: 1s, scrape_timeout: 1s }\nscrape_configs:\n${jobs.join('')}`,
  )
  const own = `http://127.0.0.1:${await freePort()}`
  await using child = await startChild({
    name: 'Prometheus',
    command: findProgram('prometheus')!,
    args: [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(directory.path, 'data')}`,
      `--web.listen-address=${new URL(own).host}`,
    ],
    logFile: join(directory.path, 'log'),
    quickSignal: 'SIGKILL',
  })
  using http = createHttpClient()
  const query = async (expression: string): Promise<QueryAnswer['data']['result']> => {
    const url = `${own}/api/v1/query?query=${encodeURIComponent(expression)}`
    const answer = await http.send({ method: 'GET', url, timeoutMs: 5000 }).catch(() => undefined)
    if (answer?.status !== 200) return []
    return (JSON.parse(Buffer.from(answer.body).toString()) as QueryAnswer).data.result
  }
  await child.waitFor('Prometheus has scraped all', async () => (await query('up')).length === urls.length)
  const out = new Map<string, Ingested>(urls.map((url) => [url, new Map()]))
  for (const { metric, value } of await query('{job=~".+"}')) {
    const { __name__: name = '', job, ...labels } = metric
    delete labels['instance']
    if (/^(up|scrape_.*)$/.test(name)) continue
    const pairs = Object.keys(labels)
      .sort()
      .map((label) => `${label}=${JSON.stringify(labels[label])}`)
    const series = `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`}`
    const number = Number(value[1].replace('Inf', 'Infinity'))
    ;(out.get(urls[Number(job)]!) as Map<string, number>).set(series, number)
  }
  await child.stop('SIGKILL')
  return out
}
