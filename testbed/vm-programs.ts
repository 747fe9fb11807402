import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from './find-program.ts'
import { freePort } from './ports.ts'
import { startChild } from './process.ts'
import type { Child } from './process.ts'

/** VictoriaMetrics' programs around its database. */
export type VmProgram = 'vmagent' | 'vmalert' | 'vmctl'

export function hasVmProgram(name: VmProgram): boolean {
  return findProgram(name) !== undefined
}

export interface VmService extends AsyncDisposable {
  readonly url: string
  readonly child: Child
}

/**
 * Starts a vmagent that scrapes `targets` (`host:port`, path /metrics) every second and writes what it finds.
 * @throws Error when it is not installed
 */
export async function startVmagent(options: {
  readonly directory: string
  readonly targets: readonly string[]
  readonly writeUrl: string
  readonly flags?: readonly string[]
}): Promise<VmService> {
  const { directory, targets } = options
  mkdirSync(directory, { recursive: true })
  const config = join(directory, 'scrape.yml')
  writeFileSync(
    config,
    `global: { scrape_interval: 1s, scrape_timeout: 1s }\nscrape_configs:\n` +
      `- { job_name: drill, static_configs: [ { targets: ${JSON.stringify(targets)} } ] }\n`,
  )
  return startService('vmagent', directory, [
    `-promscrape.config=${config}`,
    `-remoteWrite.url=${options.writeUrl}`,
    `-remoteWrite.tmpDataPath=${join(directory, 'queue')}`,
    ...(options.flags ?? []),
  ])
}

/**
 * Starts a vmalert that evaluates `rules` (the text of a rule file) every second on the API at `url`, writes to it
 * and restores from it.
 * @throws Error when it is not installed
 */
export async function startVmalert(options: {
  readonly directory: string
  readonly rules: string
  readonly url: string
}): Promise<VmService> {
  const { directory, url } = options
  mkdirSync(directory, { recursive: true })
  const rules = join(directory, 'rules.yml')
  writeFileSync(rules, options.rules)
  return startService('vmalert', directory, [
    `-rule=${rules}`,
    `-datasource.url=${url}`,
    `-remoteWrite.url=${url}`,
    `-remoteRead.url=${url}`,
    '-remoteWrite.flushInterval=100ms',
    '-notifier.url=http://127.0.0.1:9',
    '-evaluationInterval=1s',
  ])
}

async function startService(name: VmProgram, directory: string, args: readonly string[]): Promise<VmService> {
  const command = findProgram(name)
  if (command === undefined) throw new Error(`${name} is not installed`)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = await startChild({
    name,
    command,
    args: [`-httpListenAddr=127.0.0.1:${port}`, '-loggerLevel=WARN', ...args],
    logFile: join(directory, `${name}.log`),
  })
  await child.waitFor('it answers', async () => {
    try {
      return (await fetch(`${url}/health`, { signal: AbortSignal.timeout(1_000) })).ok
    } catch {
      return false
    }
  })
  return { url, child, [Symbol.asyncDispose]: () => child.stop('SIGTERM', 15_000) }
}
