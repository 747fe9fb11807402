/** An HTTP proxy through which connections with TLS are opened (CONNECT; RFC 9110, 9.3.6). */
export interface Proxy {
  /** http://[user:password@]host:port */
  readonly url: string
  /** Hosts that are reached without it, as in NO_PROXY: names, `.suffixes` and addresses with commas between. */
  readonly except?: string | undefined
}

/**
 * The proxy as Node's agents take it. Only https goes through it: what is not encrypted is on this machine, and a proxy
 * would be asked to read it.
 */
export function proxyEnvOf(proxy: Proxy | undefined): { proxyEnv?: Record<string, string> } {
  if (proxy === undefined) return {}
  return {
    proxyEnv: { HTTPS_PROXY: proxy.url, ...(proxy.except === undefined ? {} : { NO_PROXY: proxy.except }) },
  }
}

/**
 * The proxy to use: the one that is configured, or that of the environment.
 * @param environment where HTTPS_PROXY and NO_PROXY are, in capitals or not
 */
export function chooseProxy(
  configured: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Proxy | undefined {
  if (configured !== undefined) return { url: configured }
  const url = environment['https_proxy'] ?? environment['HTTPS_PROXY']
  if (url === undefined || url === '') return undefined
  return { url, except: environment['no_proxy'] ?? environment['NO_PROXY'] }
}
