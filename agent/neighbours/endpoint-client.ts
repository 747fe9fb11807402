import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { PgherdError, messageOf, systemCodeOf } from '../../common/errors.ts'
import { createHttpClient } from '../../common/http-client.ts'
import type { HttpAnswer, HttpClient } from '../../common/http-client.ts'
import { credentialHeaders, readTlsFiles } from '../../common/http-credentials.ts'
import type { HttpCredentials, TlsPaths } from '../../common/http-credentials.ts'

/** How an endpoint is asked. Secrets are in files, which are read when they are needed, so that they can change. */
export interface EndpointAccess extends HttpCredentials {
  /** http or https. */
  readonly url: string
  readonly tls?: TlsPaths | undefined
  /** What holds in place of the origin of `url` and of `tls`, where a file of the neighbour's own tells; asked anew after a failure. */
  readonly resolve?:
    (() => Promise<{ readonly origin: string; readonly tls: TlsPaths | undefined }>) | undefined
  /** A larger answer is refused, before and after decompression; 16 MiB unless told. */
  readonly maxBytes?: number | undefined
  /** For endpoints without `tls`; one of its own unless told. */
  readonly http?: HttpClient | undefined
}

export interface EndpointAnswer {
  readonly text: string
  readonly openMetrics: boolean
}

export interface EndpointClient extends Disposable {
  /** @throws PgherdError for everything but a readable answer with status 200; `details.status` has another one */
  fetch(timeoutMs: number): Promise<EndpointAnswer>
}

/**
 * The older format first: it is cheaper, and client libraries rename metrics for the newer one. Uncompressed:
 * endpoints are mostly on this host, whose processors would pay for both sides.
 */
const accept = {
  accept: 'text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1',
  'accept-encoding': 'identity',
}

const unzip = promisify(gunzip)

/** @throws PgherdError CONFIG_INVALID for the URL */
export function createEndpointClient(access: EndpointAccess): EndpointClient {
  const { url, tls, maxBytes = 16 * 1024 * 1024 } = access
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new PgherdError('CONFIG_INVALID', 'the URL of an endpoint begins with http:// or https://')
  }
  const closing = new AbortController()
  let own: { readonly http: HttpClient; readonly url: string } | undefined

  const client = async (): Promise<{ readonly http: HttpClient; readonly url: string }> => {
    if (tls === undefined && access.resolve === undefined && access.http !== undefined) {
      return { http: access.http, url }
    }
    if (own !== undefined) return own
    const now = (await access.resolve?.()) ?? { origin: new URL(url).origin, tls }
    const files = now.tls === undefined ? {} : { tls: await readTlsFiles(now.tls) }
    const { pathname, search } = new URL(url)
    own = { http: createHttpClient({ connections: 1, ...files }), url: `${now.origin}${pathname}${search}` }
    return own
  }
  const forget = (): void => {
    own?.http[Symbol.dispose]()
    own = undefined
  }

  return {
    async fetch(timeoutMs) {
      const headers = { ...accept, ...(await credentialHeaders(access)) }
      const { http, url: at } = await client()
      const limits = { timeoutMs, signal: closing.signal, maxAnswerBytes: maxBytes }
      let answer: HttpAnswer
      try {
        answer = await http.send({ method: 'GET', url: at, headers, ...limits })
      } catch (error) {
        // Certificates may have been renewed, and addresses changed: the next attempt reads them again.
        if (tls !== undefined || access.resolve !== undefined) forget()
        throw error
      }
      if (answer.status !== 200) {
        throw new PgherdError('UNREACHABLE', `it answered with status ${answer.status}`, {
          details: { status: answer.status },
        })
      }
      const body = await decompress(answer, maxBytes)
      return {
        text: Buffer.from(body.buffer, body.byteOffset, body.length).toString(),
        openMetrics: answer.headers['content-type']?.startsWith('application/openmetrics-text') ?? false,
      }
    },
    [Symbol.dispose]() {
      closing.abort()
      forget()
    },
  }
}

async function decompress({ headers, body }: HttpAnswer, maxBytes: number): Promise<Uint8Array> {
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding === 'identity') return body
  if (encoding !== 'gzip' && encoding !== 'x-gzip') {
    throw new PgherdError('UNSUPPORTED_ENCODING', `it answered in the encoding ${encoding}; allowed: gzip`)
  }
  try {
    return await unzip(body, { maxOutputLength: maxBytes })
  } catch (error) {
    throw new PgherdError(
      'BAD_DATA',
      systemCodeOf(error) === 'ERR_BUFFER_TOO_LARGE'
        ? `the answer is larger than ${maxBytes} bytes`
        : `the answer cannot be decompressed: ${messageOf(error)}`,
      { cause: error },
    )
  }
}
