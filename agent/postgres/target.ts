import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { PgherdError, messageOf } from '../../common/errors.ts'
import { readService } from './service-file.ts'

/** Where and as whom to connect. */
export interface Target {
  /** A name, an address, or the directory of a Unix socket. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  /** From the URL or the service; a password file wins over it. */
  readonly password: string | undefined
  readonly tls: ConnectionOptions | undefined
}

const parameters = ['host', 'service', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const
const tlsModes = ['disable', 'require', 'verify-ca', 'verify-full'] as const

/**
 * Reads a connection URL. It is parsed here and not by the driver, because there its parameters would
 * override the guard rails (`?options=...`, `?statement_timeout=0`). With `?service=` what it leaves out comes from the
 * service file.
 * @throws PgherdError CONFIG_INVALID
 */
export function parseTarget(text: string, serviceFile?: string): Target {
  if (!URL.canParse(text)) throw invalid('is not a URL')
  const url = new URL(text)
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') {
    throw invalid(`starts with ${url.protocol}//; allowed: postgres:// or postgresql://`)
  }
  for (const name of url.searchParams.keys()) {
    if (!(parameters as readonly string[]).includes(name)) {
      throw invalid(`has the parameter ${name}; allowed: ${parameters.join(', ')}`)
    }
  }
  const service = serviceOf(url, serviceFile)
  const user = decoded(url.username, 'user') || (service.get('user') ?? '')
  if (user === '') throw invalid('names no user; allowed: postgres://<user>@<host>/<database>')
  const host = url.searchParams.get('host') ?? bareAddress(url.hostname)
  const password = url.password === '' ? service.get('password') : decoded(url.password, 'password')
  return {
    host: host || (service.get('hostaddr') ?? service.get('host') ?? 'localhost'),
    port: portOf(url.port || (service.get('port') ?? '5432')),
    user,
    database: decoded(url.pathname.slice(1), 'database') || (service.get('dbname') ?? 'postgres'),
    password,
    tls: tlsOptions(
      new URLSearchParams([
        ...[...service].filter(([name]) => name.startsWith('ssl') && !url.searchParams.has(name)),
        ...url.searchParams,
      ]),
    ),
  }
}

function serviceOf(url: URL, file: string | undefined): ReadonlyMap<string, string> {
  const service = url.searchParams.get('service')
  if (service === null) return new Map()
  if (file === undefined) throw invalid('names a service, and there is no service file')
  return readService(file, service)
}

function portOf(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw invalid(`has the port ${text}; allowed: 1 to 65535`)
  }
  return port
}

/** What is wrong with a connection URL, for the check of a configuration; undefined when `parseTarget` takes it. */
export function problemOfTarget(url: string, serviceFile?: string): string | undefined {
  try {
    parseTarget(url, serviceFile)
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

function decoded(part: string, what: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw invalid(`has a % in its ${what} that begins no byte in UTF-8; allowed: %25 for a percent sign`)
  }
}

/** `[::1]` in a URL is `::1` for a socket. */
function bareAddress(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

/** libpq's modes without its silent fallbacks: without sslmode there is no TLS, and `require` never falls back. */
function tlsOptions(given: URLSearchParams): ConnectionOptions | undefined {
  const mode = given.get('sslmode') ?? 'disable'
  if (!(tlsModes as readonly string[]).includes(mode)) {
    throw invalid(`has sslmode=${mode}; allowed: ${tlsModes.join(', ')}`)
  }
  if (mode === 'disable') {
    for (const name of parameters.filter((one) => one.startsWith('ssl') && one !== 'sslmode')) {
      if (given.has(name)) throw invalid(`has ${name} without TLS; allowed: sslmode=verify-full beside it`)
    }
    return undefined
  }
  const [ca, cert, key] = (['sslrootcert', 'sslcert', 'sslkey'] as const).map((name) => {
    const file = given.get(name)
    return file === null ? undefined : readPem(name, file)
  })
  return {
    rejectUnauthorized: mode !== 'require',
    // verify-ca checks who signed the certificate and not for which host.
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}

function readPem(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw invalid(`has ${name}=${file}, which cannot be read: ${messageOf(error)}`)
  }
}

/** The URL itself is not repeated: it may hold a password. */
function invalid(what: string): PgherdError {
  return new PgherdError('CONFIG_INVALID', `the URL of the PostgreSQL server ${what}`)
}
