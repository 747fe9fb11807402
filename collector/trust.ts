import { X509Certificate, createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../common/clock.ts'
import { PgherdError, messageOf } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import type { Figure } from '../common/self-metrics.ts'
import type { CollectorConfig } from './config.ts'
import type { Signing } from './fleet/enrolment.ts'
import type { Fleet } from './fleet/fleet.ts'
import { lastOf, readOwnCertificate } from './fleet/trust/own-certificate.ts'
import { namesOf, serverCertificate } from './fleet/trust/server-certificate.ts'
import { hasTrust, openKeys, readAuthority } from './fleet/trust/trust-directory.ts'
import type { AuthService } from './http/auth/auth-service.ts'
import type { TlsMaterial } from './http/listeners.ts'
import type { HttpServer } from './http/server.ts'

/** What the collector is to the fleet: its authority, and its own certificate as it is now. */
export interface Trust {
  readonly signing: Signing
  readonly material: () => TlsMaterial
  /** Names that its certificate is for. */
  readonly names: () => readonly string[]
  /** When the certificate ends, milliseconds since the epoch. */
  readonly notAfterMs: () => number
  /** Keeps the certificate valid, and tells of each new one. @returns ends with the signal */
  keep(onChange: (material: TlsMaterial) => void, signal: AbortSignal): Promise<void>
}

const keyIsOpen =
  'others than its owner may read this key, and whoever has done so can be taken for the collector: chmod 600'

/** How often a certificate is looked at: it is renewed a month before it ends. */
const checkEveryMs = 3_600_000

export function trustDirectory(config: CollectorConfig): string {
  return config['tls.directory'] ?? join(config['store.directory'], 'trust')
}

/** @throws PgherdError CONFIG_INVALID when there would be nothing to listen on */
export function requireListener(config: CollectorConfig, trust: Trust | undefined): void {
  if (trust !== undefined) return
  if (config['http.listen'] !== undefined) {
    throw new PgherdError(
      'CONFIG_INVALID',
      `http.listen needs a certificate, and ${trustDirectory(config)} is not there: run pgherd-collector init once`,
    )
  }
  if (config['http.plain_listen'] === undefined) {
    throw new PgherdError(
      'CONFIG_INVALID',
      'this collector has no certificate yet: run pgherd-collector init once, or set http.plain_listen for programs on this machine',
    )
  }
}

/** @returns the URLs under which the server is reached now */
export async function listen(
  server: HttpServer,
  config: CollectorConfig,
  trust: Trust | undefined,
): Promise<readonly string[]> {
  const urls: string[] = []
  if (trust !== undefined) {
    const address = config['http.listen'] ?? { host: '0.0.0.0', port: 8432 }
    urls.push((await server.listenTls(address, trust.material())).url)
  }
  const plain = config['http.plain_listen']
  if (plain !== undefined) urls.push((await server.listen(plain)).url)
  return urls
}

export function trustFigures(trust: Trust | undefined): readonly Figure[] {
  if (trust === undefined) return []
  return [
    {
      name: 'pgherd_collector_certificate_not_after_seconds',
      help: "When the certificate of the collector's TLS listener ends, seconds since the epoch.",
      read: () => trust.notAfterMs() / 1000,
    },
  ]
}

/** What the HTTP API has to know about who asks. */
export function authService(config: CollectorConfig, fleet: Fleet, trust: Trust | undefined): AuthService {
  const { certificates, tokens } = fleet
  const anonymousRole = config['auth.anonymous_role']
  return {
    ...(anonymousRole === undefined ? {} : { anonymousRole }),
    checkToken: (token) => tokens.check(token),
    certificateProblem: (node, serial) => certificates.problem(node, serial),
    onRevoked(listener) {
      certificates.onRevoked(() => listener())
      tokens.onRevoked(listener)
    },
    tokens,
    ...(trust === undefined ? {} : { enrolment: fleet.enrolment(trust.signing) }),
  }
}

/** What the collector is called by others: in its certificate, and in the Host header of requests. */
export function ownNames(config: CollectorConfig): readonly string[] {
  const url = config['http.external_url']
  const external = url === undefined ? [] : [new URL(url).hostname.replace(/^\[|\]$/g, '')]
  return [...new Set([hostname(), ...external, ...config['tls.names'], 'localhost', '127.0.0.1', '::1'])]
}

/**
 * Undefined where `pgherd-collector init` has not run.
 * @throws PgherdError CONFIG_INVALID for a certificate of one's own that is of no use, STORE_CORRUPT
 */
export async function openTrust(
  config: CollectorConfig,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<Trust | undefined> {
  const directory = trustDirectory(config)
  if (!hasTrust(directory)) return undefined
  const authority = await readAuthority(directory)
  for (const path of await openKeys(directory)) log.warn({ path }, keyIsOpen)
  const own = { certificate: config['tls.certificate'], key: config['tls.key'], ca: config['tls.ca'] }
  const load = async (): Promise<TlsMaterial> => {
    if (own.certificate !== undefined && own.key !== undefined) {
      return {
        ...(await readOwnCertificate(own.certificate, own.key, own.ca)),
        clientCa: authority.certificate,
      }
    }
    const options = { authority, names: ownNames(config), nowMs: clock.now() }
    const { key, certificate } = await serverCertificate(directory, options)
    // With the authority, which an agent that joins knows by its fingerprint only.
    return { key, certificate: `${certificate}${authority.certificate}`, clientCa: authority.certificate }
  }
  let material = await load()
  let leaf = new X509Certificate(material.certificate)
  const trusted = own.certificate === undefined ? authority.certificate : lastOf(material.certificate)
  return {
    signing: {
      authority,
      trusted,
      fingerprint: createHash('sha256').update(new X509Certificate(trusted).raw).digest(),
    },
    material: () => material,
    names: () => namesOf(leaf),
    notAfterMs: () => leaf.validToDate.getTime(),
    async keep(onChange, signal) {
      for (;;) {
        await clock.sleep(checkEveryMs, signal)
        if (signal.aborted) return
        try {
          const next = await load()
          if (next.certificate === material.certificate) continue
          onChange(next)
          material = next
          leaf = new X509Certificate(next.certificate)
          log.info(
            { notAfter: leaf.validToDate.toISOString() },
            'the certificate of the listener is a new one',
          )
        } catch (error) {
          log.error({ error: messageOf(error) }, 'the certificate of the listener could not be renewed')
        }
      }
    },
  }
}
