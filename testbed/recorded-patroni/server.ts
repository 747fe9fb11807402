import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'

const documents = z.record(z.string(), z.unknown())
const recorded = z.object({
  states: z.record(
    z.string(),
    z.object({
      '/cluster': z.looseObject({ members: z.array(z.looseObject({ name: z.string(), host: z.string() })) }),
      '/config': documents,
      '/history': z.array(z.unknown()),
      members: z.record(z.string(), z.object({ leader: z.number(), '/patroni': documents })),
    }),
  ),
})
export type RecordedState = z.infer<typeof recorded>['states'][string]

/**
 * Real answers of Patroni 3.0.2 for a cluster of three; the file says how they were taken. m3 leads, m1 is its synchronous standby.
 * @param name healthy, paused or scheduled (a switchover)
 * @returns a copy, for a test to change what differs in its case
 */
export function recordedState(name: 'healthy' | 'paused' | 'scheduled'): RecordedState {
  const text = readFileSync(new URL('patroni-3.0.2.json', import.meta.url), 'utf8')
  const state = recorded.parse(JSON.parse(text)).states[name]
  if (state === undefined) throw new Error(`no state ${name} was recorded`)
  return state
}

export interface RecordedPatroni extends AsyncDisposable {
  /** Of the REST API of each member. */
  readonly urls: Readonly<Record<string, string>>
  /** What was asked of them, as `m3 GET /cluster`, in order. */
  readonly asked: readonly string[]
}

/**
 * Answers as Patroni did: HTTP/1.0, no length, and the connection ends with the answer (Python's BaseHTTPRequestHandler).
 * Whatever changes something is answered with 503 and does nothing.
 * @param silent members whose API nobody can reach
 */
export async function startRecordedPatroni(
  state: RecordedState,
  { silent = [] }: { readonly silent?: readonly string[] } = {},
): Promise<RecordedPatroni> {
  const asked: string[] = []
  const urls: Record<string, string> = {}
  const servers = new Map<string, Server>()
  const answerOf = (member: string, method: string, path: string): readonly [number, unknown] => {
    const of = state.members[member]
    if (method !== 'GET' || of === undefined) return [503, 'nothing is done here']
    if (path === '/patroni') return [200, of['/patroni']]
    if (path === '/config' || path === '/history') return [200, state[path]]
    if (path === '/cluster') return [200, { ...state[path], members: state[path].members.map(reachable) }]
    return [path === '/leader' ? of.leader : 200, of['/patroni']]
  }
  const reachable = (one: RecordedState['/cluster']['members'][number]): unknown => ({
    ...one,
    api_url: `${urls[one.name] ?? 'http://127.0.0.1:1'}/patroni`,
  })
  for (const member of Object.keys(state.members)) {
    const server = createServer((socket) => {
      let head = ''
      socket.on('error', () => undefined)
      socket.on('data', (bytes) => {
        head += bytes.toString('latin1')
        const [, method, path] = /^(\S+) (\S+) /.exec(head) ?? []
        if (!head.includes('\r\n\r\n') || method === undefined || path === undefined) return
        asked.push(`${member} ${method} ${path}`)
        const [status, document] = answerOf(member, method, path)
        socket.end(
          `HTTP/1.0 ${status} OK\r\nServer: BaseHTTP/0.6 Python/3.11.2\r\nDate: Fri, 27 Nov 2026 09:53:27 GMT\r\n` +
            `Content-Type: application/json\r\n\r\n${JSON.stringify(document)}`,
        )
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    urls[member] = `http://127.0.0.1:${port}`
    servers.set(member, server)
    if (silent.includes(member)) server.close()
  }
  return {
    urls,
    asked,
    async [Symbol.asyncDispose]() {
      const closing = [...servers.values()]
        .filter((server) => server.listening)
        .map((server) => new Promise((resolve) => server.close(resolve)))
      await Promise.all(closing)
    },
  }
}
