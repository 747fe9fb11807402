import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from './find-program.ts'
import { freePort } from './ports.ts'
import { startChild } from './process.ts'

export interface Prometheus extends AsyncDisposable {
  readonly url: string
}

export function hasPrometheus(): boolean {
  return findProgram('prometheus') !== undefined
}

export interface PrometheusOptions {
  /** Its `out_of_order_time_window`, none unless told. */
  readonly outOfOrder?: string
  /** Further parts of its configuration file, as YAML. */
  readonly config?: string
  readonly flags?: readonly string[]
}

/**
 * Starts a Prometheus on loopback that takes remote write, and scrapes nothing unless its configuration says so.
 * @throws Error when it is not installed
 */
export async function startPrometheus(
  directory: string,
  options: PrometheusOptions = {},
): Promise<Prometheus> {
  const command = findProgram('prometheus')
  if (command === undefined) throw new Error('Prometheus is not installed')
  mkdirSync(directory, { recursive: true })
  const configFile = join(directory, 'prometheus.yml')
  const storage =
    options.outOfOrder === undefined
      ? ''
      : `storage: { tsdb: { out_of_order_time_window: ${options.outOfOrder} } }\n`
  writeFileSync(configFile, `global: {}\n${storage}${options.config ?? ''}`)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = await startChild({
    name: 'Prometheus',
    command,
    args: [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver',
      '--log.level=warn',
      ...(options.flags ?? []),
    ],
    logFile: join(directory, 'prometheus.log'),
  })
  await child.waitFor('it is ready', async () => {
    try {
      return (await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(1_000) })).ok
    } catch {
      return false
    }
  })
  return { url, [Symbol.asyncDispose]: () => child.stop('SIGTERM', 15_000) }
}
