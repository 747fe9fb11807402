import type { HttpCredentials, TlsPaths } from '../../../common/http-credentials.ts'
import { readPatroniFile } from './own-file.ts'
import type { EtcdAccess } from './store.ts'

/** A Patroni of this host as the agent's configuration has it. */
export interface PatroniAccess extends HttpCredentials {
  /** What its own file says, else loopback, unless told. */
  readonly url?: string | undefined
  readonly tls?: TlsPaths | undefined
  /** Patroni's own configuration; what the agent's leaves out is taken from there. */
  readonly configFile?: string | undefined
  /** Members of etcd beside it, for a look before it is told anything. */
  readonly etcd?: readonly EtcdAccess[] | undefined
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
export async function resolveAccess(access: PatroniAccess): Promise<ResolvedAccess> {
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
