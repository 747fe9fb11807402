import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { runCli } from '../../agentctl/cli.ts'
import type { CliEnvironment } from '../../agentctl/cli.ts'
import { systemClock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'

export interface Exchange {
  readonly method: string
  readonly path: string
  readonly body: string
  readonly authorization: string | undefined
}

/** A server that gives one fixed answer and remembers what it was asked. */
export async function answering(status: number, body: unknown): Promise<{ url: string; asked: Exchange[] }> {
  const asked: Exchange[] = []
  const server = createServer((request, response) => {
    let received = ''
    request.on('data', (part: Buffer) => (received += part.toString()))
    request.on('end', () => {
      const { authorization } = request.headers
      asked.push({ method: request.method ?? '', path: request.url ?? '', body: received, authorization })
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(typeof body === 'string' ? body : JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

export interface AgentctlWorld {
  readonly url?: string | undefined
  /** $XDG_CONFIG_HOME */
  readonly home?: string
  /** What a person types when he is asked; without it there is nobody to ask. */
  readonly answers?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly width?: number
  readonly signal?: AbortSignal
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>
  readonly openScreen?: CliEnvironment['openScreen']
}

/** One call of agentctl within the test: what it printed, and the error it ended with. */
export async function runAgentctl(argv: readonly string[], world: AgentctlWorld = {}) {
  const out: string[] = []
  const warnings: string[] = []
  const answers = [...(world.answers ?? [])]
  let error: PgherdError | undefined
  try {
    await runCli({
      argv,
      environment: {
        PGHERD_COLLECTOR_URL: world.url,
        XDG_CONFIG_HOME: world.home ?? '/nonexistent',
        ...world.environment,
      },
      clock: {
        ...systemClock,
        now: () => 1_700_000_100_000,
        ...(world.sleep === undefined ? {} : { sleep: world.sleep }),
      },
      signal: world.signal ?? new AbortController().signal,
      terminal: { width: world.width ?? 120, print: (line) => out.push(line) },
      warn: (line) => warnings.push(line),
      status: () => undefined,
      ask: () => Promise.resolve(answers.shift()),
      openScreen: (onKey) => world.openScreen?.(onKey),
      readInput: () => Promise.resolve(''),
    })
  } catch (failure) {
    if (!(failure instanceof PgherdError)) throw failure
    error = failure
  }
  return { out: out.join('\n'), warnings, error }
}
