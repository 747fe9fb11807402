import { credentialHeaders } from '../../../common/http-credentials.ts'
import type { HttpCredentials, TlsPaths } from '../../../common/http-credentials.ts'
import type { HttpAnswer, HttpRequest } from '../../../common/http-client.ts'
import { createRenewingClient } from '../../../common/renewing-client.ts'

/** One Alertmanager: its base address, what it lets us in by, and whom we trust. */
export interface AlertmanagerEndpoint extends HttpCredentials {
  /** User and password in it become basic authentication. */
  readonly url: string
  readonly tls?: TlsPaths | undefined
}

export interface AlertmanagerClient extends Disposable {
  /** For logs, metrics and people: without path and credentials. */
  readonly name: string
  /**
   * One request below the base address, such as `/api/v2/alerts`; JSON both ways.
   * @throws PgherdError UNREACHABLE, TIMED_OUT, CANCELLED, CONFIG_INVALID for files that cannot be read
   */
  send(request: Omit<HttpRequest, 'url' | 'headers'> & { readonly path: string }): Promise<HttpAnswer>
}

/** A client with connections of its own; secrets and certificates are read from their files when they are needed. */
export function createAlertmanagerClient(endpoint: AlertmanagerEndpoint): AlertmanagerClient {
  const url = new URL(endpoint.url)
  const inUrl = basicAuthOf(url)
  url.username = url.password = ''
  const base = url.href.replace(/\/$/, '')
  const http = createRenewingClient({ tls: endpoint.tls, connections: 2 })
  return {
    name: url.origin,
    async send({ path, ...request }) {
      const headers = { 'content-type': 'application/json', ...inUrl, ...(await credentialHeaders(endpoint)) }
      return http.send({ ...request, url: `${base}${path}`, headers })
    },
    [Symbol.dispose]: () => http[Symbol.dispose](),
  }
}

function basicAuthOf({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '') return {}
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
}
