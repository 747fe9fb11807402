import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createdTokenAnswer } from '../../common/wire/tokens.ts'
import { findProgram } from '../../testbed/find-program.ts'
import { environmentOf, nodeFlagsOf, startCollector } from '../../testbed/pgherd.ts'
import { freePort } from '../../testbed/ports.ts'
import { startChild } from '../../testbed/process.ts'
import type { Child } from '../../testbed/process.ts'
import { runCommand } from '../../testbed/run-command.ts'
import { createClient } from './http-post.ts'
import { cpuSeconds } from './process-figures.ts'

/** One of the servers that are compared. */
export interface Server extends AsyncDisposable {
  readonly name: 'pgherd' | 'VictoriaMetrics' | 'Prometheus'
  readonly url: string
  readonly pid: number
  /** Where it keeps samples and index and nothing else. */
  readonly dataDirectories: readonly string[]
  restart(): Promise<void>
  /**
   * Brings what was written so far into its final form; `all` also what is still being written to.
   * @returns CPU seconds that this took
   */
  compact(what: 'over' | 'all'): Promise<number>
}

/** A process of its own: what the bench keeps in memory must not be collected on the store's account. */
const sealProgram = fileURLToPath(new URL('seal-store.ts', import.meta.url))

/** Names of what has to be installed and is not. */
export function missingServers(): readonly string[] {
  return [
    ...(victoriaProgram() === undefined ? ['victoria-metrics'] : []),
    ...(findProgram('prometheus') === undefined ? ['prometheus'] : []),
  ]
}

/** Starts a server with an empty store under `directory`, with the settings that it comes with. */
export function startServer(name: Server['name'], directory: string): Promise<Server> {
  mkdirSync(directory, { recursive: true })
  switch (name) {
    case 'pgherd':
      return startPgherd(directory)
    case 'VictoriaMetrics':
      return startVictoria(directory)
    case 'Prometheus':
      return startPrometheus(directory)
  }
}

/** Checking who asks is a part of what is measured, although the others do not. */
async function withToken(url: string): Promise<string> {
  const answer = await fetch(`${url}/api/v1/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'bench', role: 'admin' }),
  })
  const { data } = createdTokenAnswer.parse(await answer.json())
  return Object.assign(new URL(url), { username: 'bench', password: data.token }).href.replace(/\/$/, '')
}

async function startPgherd(directory: string): Promise<Server> {
  // The others have no rules either.
  const collector = await startCollector({ directory, extraConfig: { 'rules.files': [] } })
  const url = await withToken(collector.url)
  const dataDirectory = join(directory, 'store', 'metrics')
  return {
    name: 'pgherd',
    url,
    get pid() {
      return collector.pid
    },
    dataDirectories: [dataDirectory],
    async restart() {
      await collector.stop()
      await collector.start()
    },
    async compact(what) {
      await collector.stop()
      const seconds = await sealStore(dataDirectory, what)
      await collector.start()
      return seconds
    },
    [Symbol.asyncDispose]: () => collector[Symbol.asyncDispose](),
  }
}

async function sealStore(dataDirectory: string, what: 'over' | 'all'): Promise<number> {
  const { status, stdout, stderr } = await runCommand(
    process.execPath,
    [...nodeFlagsOf('collector'), sealProgram, dataDirectory, what],
    { timeoutMs: 300_000, environment: environmentOf('collector') },
  )
  if (status !== 0) throw new Error(`sealing the store failed: ${stderr}`)
  return Number(stdout)
}

async function startVictoria(directory: string): Promise<Server> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const dataDirectory = join(directory, 'data')
  const program = restartable({
    name: 'VictoriaMetrics',
    command: victoriaProgram()!,
    args: [
      `-httpListenAddr=127.0.0.1:${port}`,
      `-storageDataPath=${dataDirectory}`,
      // Months. The newest samples are asked for as well, which it hides otherwise.
      '-retentionPeriod=12',
      '-search.latencyOffset=0s',
      '-loggerLevel=WARN',
    ],
    logFile: join(directory, 'victoria-metrics.log'),
    readyUrl: `${url}/health`,
  })
  await program.start()
  return {
    name: 'VictoriaMetrics',
    url,
    get pid() {
      return program.pid()
    },
    dataDirectories: [join(dataDirectory, 'data'), join(dataDirectory, 'indexdb')],
    restart: () => program.restart(),
    async compact() {
      using client = createClient(url)
      const before = cpuSeconds(program.pid())
      await client.get('/internal/force_flush')
      await client.get('/internal/force_merge')
      await mergesAreDone(client)
      return cpuSeconds(program.pid()) - before
    },
    [Symbol.asyncDispose]: () => program.stop(),
  }
}

/** It merges behind the answer; for so many looks, a tenth of a second apart, nothing may go on. */
const quietLooks = 20

async function mergesAreDone(client: ReturnType<typeof createClient>): Promise<void> {
  for (let quiet = 0; quiet < quietLooks; quiet++) {
    await sleep(100)
    const text = (await client.get('/metrics')).body.toString('utf8')
    const active = [...text.matchAll(/^vm_active(?:_force)?_merges\S* (\d+)$/gm)].map(([, count]) =>
      Number(count),
    )
    if (active.some((count) => count > 0)) quiet = 0
  }
}

async function startPrometheus(directory: string): Promise<Server> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const dataDirectory = join(directory, 'data')
  const configFile = join(directory, 'prometheus.yml')
  writeFileSync(configFile, '{}\n')
  const program = restartable({
    name: 'Prometheus',
    command: findProgram('prometheus')!,
    args: [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${dataDirectory}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver',
      '--log.level=warn',
    ],
    logFile: join(directory, 'prometheus.log'),
    readyUrl: `${url}/-/ready`,
  })
  await program.start()
  return {
    name: 'Prometheus',
    url,
    get pid() {
      return program.pid()
    },
    dataDirectories: [dataDirectory],
    restart: () => program.restart(),
    // It compacts when it sees fit and cannot be asked to.
    compact: () => Promise.resolve(0),
    [Symbol.asyncDispose]: () => program.stop(),
  }
}

function restartable(program: {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly logFile: string
  readonly readyUrl: string
}): { pid(): number; start(): Promise<void>; stop(): Promise<void>; restart(): Promise<void> } {
  let child: Child | undefined
  const start = async (): Promise<void> => {
    child = await startChild(program)
    await child.waitFor('it is ready', () => isReady(program.readyUrl), 60_000)
  }
  const stop = async (): Promise<void> => {
    await child?.stop('SIGTERM', 60_000)
  }
  return {
    pid: () => child!.pid,
    start,
    stop,
    async restart() {
      await stop()
      await start()
    },
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok
  } catch {
    return false
  }
}

function victoriaProgram(): string | undefined {
  return findProgram('victoria-metrics-prod', 'victoria-metrics')
}
