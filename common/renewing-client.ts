import { PgherdError } from './errors.ts'
import { createHttpClient } from './http-client.ts'
import type { StreamingHttpClient } from './http-client.ts'
import { readTlsFiles } from './http-credentials.ts'
import type { TlsPaths } from './http-credentials.ts'
import type { Proxy } from './proxy.ts'

/** A client with the certificates of its time, and how many exchanges still use it. */
interface Generation {
  readonly client: Promise<StreamingHttpClient>
  users: number
  retired: boolean
}

/**
 * A client for one origin; after a connection failed or was not let in the certificates are read again, which may have been
 * renewed.
 * Exchanges that are under way meanwhile end on the connections that they have.
 */
export function createRenewingClient(options: {
  readonly tls?: TlsPaths | undefined
  readonly connections: number
  readonly proxy?: Proxy | undefined
}): StreamingHttpClient {
  const { tls, connections, proxy } = options
  const create = async () =>
    createHttpClient({ connections, proxy, ...(tls === undefined ? {} : { tls: await readTlsFiles(tls) }) })
  const alive = new Set<Generation>()
  let current: Generation | undefined

  const end = (generation: Generation) => {
    alive.delete(generation)
    generation.client.then(
      (client) => client[Symbol.dispose](),
      () => undefined,
    )
  }
  const retire = (generation: Generation) => {
    generation.retired = true
    if (current === generation) current = undefined
  }
  const enter = (): Generation => {
    current ??= { client: create(), users: 0, retired: false }
    alive.add(current)
    current.users++
    return current
  }
  const leave = (generation: Generation, error?: unknown, status?: number) => {
    generation.users--
    const isLost =
      status === 401 ||
      status === 403 ||
      (error !== undefined && !(error instanceof PgherdError && error.code === 'CANCELLED'))
    if (isLost && tls !== undefined) retire(generation)
    if (generation.retired && generation.users === 0) end(generation)
  }

  return {
    async send(request) {
      const generation = enter()
      try {
        const answer = await (await generation.client).send(request)
        leave(generation, undefined, answer.status)
        return answer
      } catch (error) {
        leave(generation, error)
        throw error
      }
    },
    async stream(request) {
      const generation = enter()
      try {
        const answer = await (await generation.client).stream(request)
        return { ...answer, body: thenLeave(answer.body, () => leave(generation)) }
      } catch (error) {
        leave(generation, error)
        throw error
      }
    },
    [Symbol.dispose]() {
      for (const generation of alive) end(generation)
      current = undefined
    },
  }
}

async function* thenLeave(body: AsyncIterable<Uint8Array>, leave: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* body
  } finally {
    leave()
  }
}
