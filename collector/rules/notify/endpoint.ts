/** Where one Alertmanager takes alerts. */
export interface Endpoint {
  /** For logs and metrics: without credentials. */
  readonly name: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

/** The alerts path below a configured address; user and password in it become basic authentication. */
export function endpointOf(address: string): Endpoint {
  const url = new URL(address)
  const { username, password } = url
  url.username = ''
  url.password = ''
  url.pathname = `${url.pathname.replace(/\/$/, '')}/api/v2/alerts`
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return {
    name: url.origin,
    url: url.href,
    headers: {
      'content-type': 'application/json',
      ...(username === '' ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }),
    },
  }
}
