import { createHash } from 'node:crypto'
import { Agent } from 'node:https'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { DetailedPeerCertificate } from 'node:tls'
import { PgherdError, messageOf, systemCodeOf } from '../../common/errors.ts'
import { proxyEnvOf } from '../../common/proxy.ts'
import type { Proxy } from '../../common/proxy.ts'
import { printPem } from '../../common/trust/print-pem.ts'

/**
 * Asks a TLS server for its certificates and gives the authority among them whose SHA-256 is known beforehand. Nothing
 * is sent over this connection; the next one trusts that authority and no other.
 * @param fingerprint of a join token: base64url
 * @param proxy through which the server is reached, if any
 * @returns the authority's certificate, PEM
 * @throws PgherdError UNREACHABLE, TIMED_OUT, or REFUSED when another authority answers there
 */
export async function fetchPinnedAuthority(
  url: URL,
  fingerprint: string,
  signal: AbortSignal,
  proxy?: Proxy,
): Promise<string> {
  // Of all ways to open a connection it is Node's agent that knows proxies.
  const agent = new Agent(proxyEnvOf(proxy))
  const opened: Duplex[] = []
  try {
    const socket = await new Promise<TLSSocket>((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error)
      if (signal.aborted) onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      const host = url.hostname.replace(/^\[|\]$/g, '')
      const watch = (duplex: Duplex): void => {
        opened.push(duplex)
        duplex.once('error', reject)
        duplex.once('close', () => reject(new Error('it closed the connection')))
      }
      const direct = agent.createConnection(
        {
          host,
          port: Number(url.port || 443),
          ...(isIP(host) === 0 ? { servername: host } : {}),
          // What the server is gets judged by the fingerprint.
          rejectUnauthorized: false,
        },
        (error, tunnelled) => {
          if (error !== null) reject(error)
          if (!(tunnelled instanceof TLSSocket)) return
          watch(tunnelled)
          resolve(tunnelled)
        },
      )
      if (direct != null) watch(direct)
      if (direct instanceof TLSSocket) direct.once('secureConnect', () => resolve(direct))
    })
    for (const certificate of chainOf(socket.getPeerCertificate(true))) {
      const digest = createHash('sha256').update(certificate.raw).digest('base64url')
      if (digest === fingerprint) return printPem('CERTIFICATE', certificate.raw)
    }
  } catch (error) {
    if (signal.aborted) {
      throw new PgherdError('TIMED_OUT', `${url.origin} did not answer in time`, { cause: error })
    }
    const code = systemCodeOf(error)
    const reason =
      code === 'EPROTO'
        ? 'it does not speak TLS'
        : code === undefined || code === 'ERR_PROXY_TUNNEL'
          ? messageOf(error)
          : code
    throw new PgherdError('UNREACHABLE', `cannot reach ${url.origin}: ${reason}`, { cause: error })
  } finally {
    // The last one holds those beneath it.
    opened.at(-1)?.destroy()
    agent.destroy()
  }
  throw new PgherdError(
    'REFUSED',
    `${url.origin} is not of the fleet that this token is for: its authority has another fingerprint`,
  )
}

/** The authority's own issuer is itself. */
function* chainOf(leaf: DetailedPeerCertificate): Generator<DetailedPeerCertificate> {
  const seen = new Set<DetailedPeerCertificate>()
  // Node gives an object without fields where there is no certificate.
  for (let one = leaf; !seen.has(one) && Buffer.isBuffer(one.raw); one = one.issuerCertificate) {
    seen.add(one)
    yield one
  }
}
