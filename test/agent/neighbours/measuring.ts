import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { NeighbourRound } from '../../../agent/neighbours/neighbour.ts'
import type { Log } from '../../../common/log.ts'

/** The scrape at `timestampMs` with time until its deadline. */
export function roundAt(timestampMs: number, timeoutMs = 5000): NeighbourRound {
  const endMs = performance.now() + timeoutMs
  return { timestampMs, timeoutMs, remainingMs: () => Math.max(0, endMs - performance.now()) }
}

/** A log that keeps what was said, as `level message`. */
export function createHeardLog(): Log & { readonly heard: string[] } {
  const heard: string[] = []
  const hear =
    (level: string) =>
    (...said: unknown[]): void =>
      void heard.push(`${level} ${String(said.at(-1))}`)
  const log = {
    heard,
    debug: hear('debug'),
    info: hear('info'),
    warn: hear('warn'),
    error: hear('error'),
    child: () => log,
  }
  return log
}

/** An HTTP server on loopback until the test ends. @returns its URL */
export async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
