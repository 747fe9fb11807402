import { PgherdError } from '../../common/errors.ts'
import { createHttpClient } from '../../common/http-client.ts'
import type { HttpClient } from '../../common/http-client.ts'
import { credentialHeaders, readTlsFiles } from '../../common/http-credentials.ts'
import type { HttpCredentials, TlsPaths } from '../../common/http-credentials.ts'
import { createPlainClient } from './plain-client.ts'

/** How a neighbour's API is reached; files are read when they are needed, because they are renewed. */
export interface JsonAccess extends HttpCredentials {
  /** http or https; only its origin counts. */
  readonly url: string
  readonly tls?: TlsPaths | undefined
  /** What holds in place of `url` and `tls`, where a file of the neighbour's own tells; asked anew after a failure. */
  readonly resolve?: () => Promise<{ readonly origin: string; readonly tls: TlsPaths | undefined }>
}

export interface JsonEndpoint extends Disposable {
  /** As configured. */
  readonly origin: string
  /** @throws PgherdError UNREACHABLE, TIMED_OUT, CANCELLED, CONFIG_INVALID for a file, BAD_DATA for what is no JSON */
  get(path: string, timeoutMs: number): Promise<{ readonly status: number; readonly body: unknown }>
}

const maxAnswerBytes = 1 << 20

/** @param endsConnections that the other side does after each answer */
export function createJsonEndpoint(access: JsonAccess, endsConnections = false): JsonEndpoint {
  const { tls } = access
  const { origin } = new URL(access.url)
  const closing = new AbortController()
  let opened: Promise<{ readonly http: HttpClient; readonly at: string }> | undefined

  const forget = (): void => {
    opened?.then(
      ({ http }) => http[Symbol.dispose](),
      () => undefined,
    )
    opened = undefined
  }
  const open = async (): Promise<{ readonly http: HttpClient; readonly at: string }> => {
    const now = (await access.resolve?.()) ?? { origin, tls }
    const files = now.tls === undefined ? {} : { tls: await readTlsFiles(now.tls) }
    const isPlain = endsConnections && new URL(now.origin).protocol === 'http:'
    const http = isPlain ? createPlainClient() : createHttpClient({ connections: 2, ...files })
    return { http, at: now.origin }
  }

  return {
    origin,
    async get(path, timeoutMs) {
      const headers = await credentialHeaders(access)
      opened ??= open()
      try {
        const { http, at } = await opened
        const { status, body } = await http.send({
          method: 'GET',
          url: `${at}${path}`,
          headers,
          timeoutMs,
          signal: closing.signal,
          maxAnswerBytes,
        })
        return { status, body: parsed(body, path) }
      } catch (error) {
        // Certificates may have been renewed, and addresses changed: the next attempt reads them again.
        if (tls !== undefined || access.resolve !== undefined) forget()
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
