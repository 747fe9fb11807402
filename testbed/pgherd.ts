import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { z } from 'zod'
import { nestOptions } from '../common/config/nest-options.ts'
import { freePort } from './ports.ts'
import { startChild } from './process.ts'
import type { Child } from './process.ts'
import { runCommand } from './run-command.ts'

/** Options by dotted path, over those that the test bed sets: `{ 'scrape.interval': '1s' }`. */
export type ExtraConfig = Readonly<Record<string, unknown>>

/** A program of pgherd as a process that can be stopped, killed and started again with the same files. */
export interface PgherdProcess extends AsyncDisposable {
  readonly logFile: string
  readonly configFile: string
  /** @throws Error while it is down */
  readonly pid: number
  isRunning(): boolean
  residentBytes(): number
  logTail(lines?: number): string
  start(): Promise<void>
  /** SIGTERM, and SIGKILL after 15 s; gives the exit status, null when a signal ended it. */
  stop(): Promise<number | null>
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
}

export interface CollectorProcess extends PgherdProcess {
  readonly url: string
  readonly port: number
}

export interface CollectorOptions {
  /** Holds config, log and store; the caller removes it. */
  readonly directory: string
  readonly port?: number
  readonly extraConfig?: ExtraConfig
}

export interface AgentOptions {
  /** Holds config, log and spool; the caller removes it. */
  readonly directory: string
  readonly cluster: string
  readonly seq: number
  readonly postgresUrl: string
  /** Written to a file that only the agent's user can read. */
  readonly password?: string
  readonly collectorUrl: string
  /** `10s` unless told. */
  readonly interval?: string
  readonly extraConfig?: ExtraConfig
  /** How its process is started: on another host, say; beside us unless told. */
  readonly spawn?: typeof startChild
  /** The file that it is started by; that of this checkout unless told. */
  readonly program?: string
}

/** Starts the collector with its embedded store; resolves when it is ready. */
export async function startCollector(options: CollectorOptions): Promise<CollectorProcess> {
  const port = options.port ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const process = await startProgram({
    program: 'collector',
    directory: options.directory,
    config: {
      'http.plain_listen': `127.0.0.1:${port}`,
      'auth.anonymous_role': 'admin',
      'store.directory': join(options.directory, 'store'),
      ...options.extraConfig,
    },
    ready: (child) => child.waitFor('it is ready', () => isReady(url)),
  })
  return Object.assign(process, { url, port })
}

/** Starts an agent; resolves when its process runs, which is before its first measurement. */
export async function startAgent(options: AgentOptions): Promise<PgherdProcess> {
  const { directory } = options
  mkdirSync(directory, { recursive: true })
  const passwordFile = join(directory, 'password')
  if (options.password !== undefined) writeFileSync(passwordFile, `${options.password}\n`, { mode: 0o600 })
  const interval = options.interval ?? '10s'
  return startProgram({
    program: 'agent',
    directory,
    config: {
      'identity.cluster': options.cluster,
      'identity.seq': options.seq,
      'identity.ip': '127.0.0.1',
      'postgres.url': options.postgresUrl,
      ...(options.password === undefined ? {} : { 'postgres.password_file': passwordFile }),
      'collector.url': options.collectorUrl,
      'scrape.interval': interval,
      'spool.directory': join(directory, 'spool'),
      ...options.extraConfig,
    },
    ready: () => Promise.resolve(),
    ...(options.spawn === undefined ? {} : { spawn: options.spawn }),
    ...(options.program === undefined ? {} : { entry: options.program }),
  })
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(1_000) })
    return answer.ok
  } catch {
    return false
  }
}

async function startProgram(options: {
  program: 'agent' | 'collector'
  directory: string
  config: ExtraConfig
  ready: (child: Child) => Promise<unknown>
  spawn?: typeof startChild
  entry?: string
}): Promise<PgherdProcess> {
  const { directory, program, spawn = startChild, entry = entryOf(program) } = options
  mkdirSync(directory, { recursive: true })
  const configFile = join(directory, `${program}.yaml`)
  const logFile = join(directory, `${program}.log`)
  await prepare(program)
  writeFileSync(configFile, stringify(nestOptions(options.config)))
  let child: Child | undefined
  const running = (): Child => {
    if (child?.isAlive() !== true) throw new Error(`the ${program} in ${directory} is not running`)
    return child
  }
  const started: PgherdProcess = {
    configFile,
    logFile,
    get pid() {
      return running().pid
    },
    isRunning: () => child?.isAlive() === true,
    residentBytes: () => child?.residentBytes() ?? 0,
    logTail: (lines) => child?.logTail(lines) ?? '',
    async start() {
      if (child?.isAlive() === true) return
      child = await spawn({
        name: `the ${program}`,
        command: process.execPath,
        args: [...nodeFlagsOf(program), entry, '--config', configFile],
        logFile,
        environment: environmentOf(program),
      })
      try {
        await options.ready(child)
      } catch (error) {
        await child.stop('SIGKILL')
        throw error
      }
    },
    async stop() {
      await child?.stop('SIGTERM', 15_000)
      return (await child?.exited) ?? null
    },
    async kill() {
      await child?.stop('SIGKILL')
    },
    async [Symbol.asyncDispose]() {
      await started.stop()
    },
  }
  await started.start()
  return started
}

const repository = fileURLToPath(new URL('../', import.meta.url))
const compiled = new Map<string, Promise<unknown>>()

/**
 * Makes what an installed package comes with: the program's bundle, and a filled compile cache for what runs from its
 * sources. A process that strips and compiles sources itself keeps some 30 MB of memory from it for as long as it
 * lives.
 */
async function prepare(program: 'agent' | 'collector'): Promise<void> {
  // Sources may have changed since the last start. Without a bundle, say without a bundler, the program runs from them.
  await runCommand(process.execPath, [`${repository}setup/${program}-bundle.mjs`])
  let done = compiled.get(program)
  if (done === undefined) {
    done = runCommand(process.execPath, [...nodeFlagsOf(program), entryOf(program), '--version'], {
      environment: environmentOf(program),
    })
    compiled.set(program, done)
  }
  await done
}

const manifest = z.object({ scripts: z.record(z.string(), z.string()) })

/** The flags that package.json's script gives Node for a program: the test bed measures what is shipped. */
export function nodeFlagsOf(program: 'agent' | 'collector'): readonly string[] {
  return scriptOf(program).filter((word) => word.startsWith('--'))
}

/** The environment variables that the script sets. */
export function environmentOf(program: 'agent' | 'collector'): Readonly<Record<string, string>> {
  const words = scriptOf(program)
  return Object.fromEntries(
    words.slice(0, words.indexOf('node')).map((word) => {
      const [name = '', value = ''] = word.split('=')
      return [name, value]
    }),
  )
}

/** The file that a program is started by. */
export function entryOf(program: 'agent' | 'collector'): string {
  return `${repository}${scriptOf(program).at(-1) ?? ''}`
}

function scriptOf(program: 'agent' | 'collector'): readonly string[] {
  const { scripts } = manifest.parse(JSON.parse(readFileSync(`${repository}package.json`, 'utf8')))
  return (scripts[program] ?? '').split(' ')
}
