import type { Clock } from '../common/clock.ts'
import { PgherdError } from '../common/errors.ts'
import type { TlsFiles } from '../common/http-client.ts'
import { readTlsFiles } from '../common/http-credentials.ts'
import type { TlsPaths } from '../common/http-credentials.ts'
import type { Log } from '../common/log.ts'
import { isOpenToOthers } from '../common/open-to-others.ts'
import type { Proxy } from '../common/proxy.ts'
import { createRenewingClient } from '../common/renewing-client.ts'
import type { AgentConfig } from './config.ts'
import { identityOf } from './sources.ts'
import { credentialPaths, readCredentials } from './trust/credential-files.ts'
import type { Credentials } from './trust/credential-files.ts'
import { createMembershipAudit } from './trust/membership-audit.ts'
import type { RecordFact } from './trust/membership-audit.ts'
import { renewForEver } from './trust/renew.ts'

/** How this agent shows the collector who it is. */
export interface Membership {
  /** Of its certificate and of the authority; undefined for an agent that has not joined. */
  readonly tls: TlsPaths | undefined
  /** The files as they are now. */
  readTls(): Promise<TlsFiles>
  /** When the certificate ends, milliseconds since the epoch. */
  validToMs(): number | undefined
  /**
   * Renews until the signal aborts. Never rejects.
   * @param record what becomes of the certificate; undefined where no audit is kept
   */
  run(signal: AbortSignal, record?: RecordFact): Promise<void>
}

/** @throws PgherdError CONFIG_INVALID for a certificate that cannot be used or is for another node */
export async function openMembership(
  config: AgentConfig,
  {
    clock,
    log,
    proxy,
  }: {
    readonly clock: Clock
    readonly log: Log
    /** To the collector. */
    readonly proxy?: Proxy | undefined
  },
): Promise<Membership> {
  const directory = config['tls.directory']
  const url = config['collector.url']
  let credentials: Credentials | undefined
  if (url.startsWith('https:')) {
    credentials = await readCredentials(directory)
    if (credentials === undefined) {
      log.warn(
        { directory },
        'this agent has not joined a fleet, so the collector may refuse it: see pgherd-agent join',
      )
    }
  }
  if (credentials === undefined) {
    return {
      tls: undefined,
      readTls: () => Promise.resolve({}),
      validToMs: () => undefined,
      run: () => Promise.resolve(),
    }
  }
  const { cluster, seq } = identityOf(config)
  if (credentials.node !== `${cluster}-${seq}`) {
    throw new PgherdError(
      'CONFIG_INVALID',
      `the certificate in ${directory} is for ${credentials.node}, and the identity of this agent is ${cluster}-${seq}: join again`,
    )
  }
  const { caFile, certFile, keyFile } = credentialPaths(directory)
  const tls = { caFile, certFile, keyFile }
  if (await isOpenToOthers(keyFile)) {
    log.warn(
      { path: keyFile },
      'others than its owner may read this key, and whoever has done so can be taken for this agent: chmod 600, and join again',
    )
  }
  let current = credentials
  return {
    tls,
    readTls: () => readTlsFiles(tls),
    validToMs: () => current.validToMs,
    async run(signal, record) {
      const audit = record && createMembershipAudit({ node: credentials.node, clock, record })
      // Not waited for: on a full disk it takes until the agent ends.
      void audit?.joined(directory)
      using http = createRenewingClient({ tls, connections: 1, proxy })
      await renewForEver(
        {
          ...{ url, directory, http, clock, log },
          onRenewed(renewed) {
            current = renewed
            audit?.renewed(renewed)
          },
          onFailed: (reason) => audit?.failed(reason),
        },
        signal,
      )
    },
  }
}
