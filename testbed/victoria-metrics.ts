import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from './find-program.ts'
import { freePort } from './ports.ts'
import { startChild } from './process.ts'
import type { Child } from './process.ts'

export interface VictoriaMetrics extends AsyncDisposable {
  readonly url: string
  start(): Promise<void>
  /** SIGTERM, which it answers by writing out what it has in memory. */
  stop(): Promise<void>
  /** SIGKILL; what it has acknowledged in the last seconds may be gone then. */
  kill(): Promise<void>
  /** SIGSTOP: it keeps its connections and answers nothing, until it is killed. */
  freeze(): void
}

export function hasVictoriaMetrics(): boolean {
  return program() !== undefined
}

/**
 * Starts a VictoriaMetrics on loopback that keeps its data in `directory`.
 * @param flags further ones
 * @throws Error when it is not installed
 */
export async function startVictoriaMetrics(
  directory: string,
  flags: readonly string[] = [],
): Promise<VictoriaMetrics> {
  const command = program()
  if (command === undefined) throw new Error('VictoriaMetrics is not installed')
  mkdirSync(directory, { recursive: true })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let child: Child | undefined
  const running: VictoriaMetrics = {
    url,
    async start() {
      if (child?.isAlive() === true) return
      child = await startChild({
        name: 'VictoriaMetrics',
        command,
        args: [
          `-httpListenAddr=127.0.0.1:${port}`,
          `-storageDataPath=${join(directory, 'data')}`,
          '-retentionPeriod=12',
          '-search.latencyOffset=0s',
          '-search.disableCache=true',
          '-loggerLevel=WARN',
          // Of samples with the same time, which a sender that was killed may repeat, one is kept.
          '-dedup.minScrapeInterval=1ms',
          ...flags,
        ],
        logFile: join(directory, 'victoria-metrics.log'),
      })
      await child.waitFor('it answers', async () => {
        try {
          return (await fetch(`${url}/health`, { signal: AbortSignal.timeout(1_000) })).ok
        } catch {
          return false
        }
      })
    },
    async stop() {
      await child?.stop('SIGTERM', 15_000)
    },
    freeze() {
      child?.signal('SIGSTOP')
    },
    async kill() {
      await child?.stop('SIGKILL')
    },
    [Symbol.asyncDispose]: () => running.stop(),
  }
  await running.start()
  return running
}

function program(): string | undefined {
  return findProgram('victoria-metrics-prod', 'victoria-metrics')
}
