import type { HttpCredentials, TlsPaths } from '../http-credentials.ts'
import { readPatroniFile } from './own-file.ts'

/** How the configuration says that a Patroni of this host is reached. */
export interface PatroniAddress extends HttpCredentials {
  /** What its own file says, else loopback, unless told. */
  readonly url?: string | undefined
  readonly tls?: TlsPaths | undefined
  /** Patroni's own configuration; what ours leaves out is taken from there. */
  readonly configFile?: string | undefined
}

/** How its REST API is reached now, with the secrets: never to be logged. */
export interface ResolvedAccess {
  readonly origin: string
  /** The member's, as its own file has it. */
  readonly name: string | undefined
  readonly credentials: HttpCredentials
  readonly tls: TlsPaths | undefined
}

const usualUrl = 'http://127.0.0.1:8008'

/** @throws PgherdError CONFIG_INVALID when Patroni's own file cannot be read */
export async function resolveAccess(access: PatroniAddress): Promise<ResolvedAccess> {
  const own = access.configFile === undefined ? undefined : await readPatroniFile(access.configFile)
  const { basicAuth, bearerTokenFile, headers } = access
  const isTold = basicAuth !== undefined || bearerTokenFile !== undefined
  const authorization = isTold ? undefined : own?.authorization
  return {
    origin: new URL(access.url ?? own?.url ?? usualUrl).origin,
    name: own?.name,
    credentials: {
      headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
      basicAuth,
      bearerTokenFile,
    },
    tls: access.tls ?? own?.tls,
  }
}

/**
 * As `resolveAccess` for whoever only reads: reading takes no password, and where Patroni's file is not to be read, as by an agent of
 * another user, what the configuration says holds alone.
 */
export async function resolveReading(
  access: PatroniAddress,
): Promise<{ readonly origin: string; readonly tls: TlsPaths | undefined }> {
  const { origin, tls } = await resolveAccess(access).catch(() =>
    resolveAccess({ ...access, configFile: undefined }),
  )
  return { origin, tls }
}
