import { PgherdError } from '../../common/errors.ts'
import { createHttpClient } from '../../common/http-client.ts'
import type { HttpClient } from '../../common/http-client.ts'
import { credentialHeaders, readTlsFiles } from '../../common/http-credentials.ts'
import type { HttpCredentials, TlsPaths } from '../../common/http-credentials.ts'

/** How a neighbour's API is reached; files are read when they are needed, because they are renewed. */
export interface JsonAccess extends HttpCredentials {
  /** http or https; only its origin counts. */
  readonly url: string
  readonly tls?: TlsPaths | undefined
}

export interface JsonEndpoint extends Disposable {
  readonly origin: string
  /** @throws PgherdError UNREACHABLE, TIMED_OUT, CANCELLED, CONFIG_INVALID for a file, BAD_DATA for what is no JSON */
  get(path: string, timeoutMs: number): Promise<{ readonly status: number; readonly body: unknown }>
}

const maxAnswerBytes = 1 << 20

export function createJsonEndpoint(access: JsonAccess): JsonEndpoint {
  const { tls } = access
  const { origin } = new URL(access.url)
  const closing = new AbortController()
  let client: Promise<HttpClient> | undefined

  const forget = (): void => {
    client?.then(
      (one) => one[Symbol.dispose](),
      () => undefined,
    )
    client = undefined
  }
  const open = async (): Promise<HttpClient> =>
    createHttpClient({ connections: 2, ...(tls === undefined ? {} : { tls: await readTlsFiles(tls) }) })

  return {
    origin,
    async get(path, timeoutMs) {
      const headers = await credentialHeaders(access)
      client ??= open()
      try {
        const http = await client
        const { status, body } = await http.send({
          method: 'GET',
          url: `${origin}${path}`,
          headers,
          timeoutMs,
          signal: closing.signal,
          maxAnswerBytes,
        })
        return { status, body: parsed(body, path) }
      } catch (error) {
        // Certificates may have been renewed: the next attempt reads them again.
        if (tls !== undefined) forget()
        throw error
      }
    },
    [Symbol.dispose]() {
      closing.abort()
      forget()
    },
  }
}

function parsed(body: Uint8Array, path: string): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString())
  } catch (error) {
    throw new PgherdError('BAD_DATA', `${path} was not answered with JSON`, { cause: error })
  }
}
