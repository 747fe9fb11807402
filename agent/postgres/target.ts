import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { PgherdError, messageOf } from '../../common/errors.ts'

/** Where and as whom to connect. */
export interface Target {
  /** A name, an address, or the directory of a Unix socket. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  /** From the URL; a password file wins over it. */
  readonly password: string | undefined
  readonly tls: ConnectionOptions | undefined
}

const parameters = ['host', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const
const tlsModes = ['disable', 'require', 'verify-ca', 'verify-full'] as const

/**
 * Reads a connection URL. It is parsed here and not by the driver, because there its parameters would
 * override the guard rails (`?options=...`, `?statement_timeout=0`).
 * @throws PgherdError CONFIG_INVALID
 */
export function parseTarget(text: string): Target {
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
  const user = decoded(url.username, 'user')
  if (user === '') throw invalid('names no user; allowed: postgres://<user>@<host>/<database>')
  return {
    host: url.searchParams.get('host') ?? (url.hostname === '' ? 'localhost' : bareAddress(url.hostname)),
    port: url.port === '' ? 5432 : Number(url.port),
    user,
    database: decoded(url.pathname.slice(1), 'database') || 'postgres',
    password: url.password === '' ? undefined : decoded(url.password, 'password'),
    tls: tlsOptions(url.searchParams),
  }
}

/** What is wrong with a connection URL, for the check of a configuration; undefined when `parseTarget` takes it. */
export function problemOfTarget(url: string): string | undefined {
  try {
    parseTarget(url)
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
