import { rm } from 'node:fs/promises'
import { systemClock } from '../../common/clock.ts'
import type { Clock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import { createHttpClient } from '../../common/http-client.ts'
import type { Proxy } from '../../common/proxy.ts'
import { parseJoinToken } from '../../common/trust/join-token.ts'
import { joinPath } from '../../common/wire/join.ts'
import { askForCertificate } from './ask-for-certificate.ts'
import { requestCertificate } from './certificate-request.ts'
import { credentialPaths, writeCredentials } from './credential-files.ts'
import type { Credentials } from './credential-files.ts'
import { noteJoin } from './join-notes.ts'
import { keepKey } from './keep-key.ts'
import { fetchPinnedAuthority } from './pinned-authority.ts'

/**
 * Makes this host a member of the fleet: a key that never leaves it, and a certificate for it. The key is kept before it is
 * shown to the collector, so that a repeat after a lost answer brings the same key, for which the token still counts.
 * @param node what the configuration calls this agent; the token has to be for it
 * @throws PgherdError USAGE, UNREACHABLE, TIMED_OUT, REFUSED, DISK_FULL or DIRECTORY_UNUSABLE
 */
export async function join(options: {
  readonly url: string
  readonly token: string
  readonly node: string
  readonly directory: string
  readonly timeoutMs: number
  /** The collector is reached through it. */
  readonly proxy?: Proxy | undefined
  readonly clock?: Clock
}): Promise<Credentials> {
  const { directory, node, timeoutMs, proxy, clock = systemClock } = options
  const token = parseJoinToken(options.token)
  if (token === undefined) {
    throw new PgherdError(
      'USAGE',
      'that is not a whole join token; allowed: pgherd-join-1.… as agentctl enroll prints it',
    )
  }
  const url = URL.canParse(options.url) ? new URL(options.url) : undefined
  if (url?.protocol !== 'https:') {
    throw new PgherdError('USAGE', `the collector's URL was ${options.url}; allowed: https://<host>:<port>`)
  }
  const ca = await fetchPinnedAuthority(url, token.fingerprint, AbortSignal.timeout(timeoutMs), proxy)
  const { pendingKey } = credentialPaths(directory)
  const key = await keepKey(pendingKey)
  const csr = requestCertificate(node, key)
  using http = createHttpClient({ connections: 1, tls: { ca }, proxy })
  const granted = await askForCertificate(http, {
    url: new URL(joinPath, url).href,
    body: { token: options.token.trim(), csr, node },
    key,
    node,
    timeoutMs,
  })
  const { serial, validToMs } = granted.credentials
  // Before they count, so that no certificate is used that the audit will not be told of.
  await noteJoin(directory, { atMs: clock.now(), serial, validToMs, url: url.origin })
  await writeCredentials(directory, { key, ...granted.files })
  await rm(pendingKey, { force: true })
  return granted.credentials
}
