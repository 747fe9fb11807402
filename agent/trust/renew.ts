import { rm } from 'node:fs/promises'
import { createBackoff } from '../../common/backoff.ts'
import type { Clock } from '../../common/clock.ts'
import { messageOf } from '../../common/errors.ts'
import type { HttpClient } from '../../common/http-client.ts'
import type { Log } from '../../common/log.ts'
import { renewPath } from '../../common/wire/join.ts'
import { askForCertificate } from './ask-for-certificate.ts'
import { requestCertificate } from './certificate-request.ts'
import { credentialPaths, readCredentials, writeCredentials } from './credential-files.ts'
import type { Credentials } from './credential-files.ts'
import { keepKey } from './keep-key.ts'

export interface RenewalOptions {
  /** The collector, without a path. */
  readonly url: string
  readonly directory: string
  /** Sends with the certificate that is to be replaced. */
  readonly http: HttpClient
  readonly clock: Clock
  readonly log: Log
  /** Something new is in the directory: connections made from now on use it. */
  readonly onRenewed: (credentials: Credentials) => void
  /** Each time that it did not succeed. */
  readonly onFailed?: (reason: string) => void
  readonly random?: () => number
}

const day = 86_400_000

/**
 * Replaces the certificate, and its key, when two thirds of its life are over; tries again with growing pauses until it has one.
 * The clock is looked at once an hour, because it may be set. Never rejects.
 */
export async function renewForEver(options: RenewalOptions, signal: AbortSignal): Promise<void> {
  const { clock, log, directory } = options
  const backoff = createBackoff({
    firstMs: 60_000,
    maxMs: 3_600_000,
    ...(options.random === undefined ? {} : { random: options.random }),
  })
  // A fleet that joined on one day does not come back in one second.
  const early = (options.random ?? Math.random)()
  while (!signal.aborted) {
    let pauseMs = 3_600_000
    try {
      const current = await readCredentials(directory)
      if (current !== undefined) {
        const dueMs = renewalDue(current, early)
        const leftMs = dueMs - clock.now()
        if (leftMs <= 0) await renewOnce(options, current)
        else pauseMs = Math.min(pauseMs, leftMs)
        backoff.reset()
      }
    } catch (error) {
      pauseMs = backoff.next()
      options.onFailed?.(messageOf(error))
      log.warn({ error: messageOf(error) }, 'the certificate could not be renewed; will try again')
    }
    await clock.sleep(pauseMs, signal)
  }
}

/** @param early from 0 to 1: how much of a day (or of a twentieth of the life, if that is less) it is done before */
export function renewalDue({ validFromMs, validToMs }: Credentials, early: number): number {
  const life = validToMs - validFromMs
  return validFromMs + (2 / 3) * life - early * Math.min(day, life / 20)
}

/** The key is kept first: a collector gives a node so many certificates, and each that cannot be kept would be one less. */
async function renewOnce(options: RenewalOptions, current: Credentials): Promise<void> {
  const { nextKey } = credentialPaths(options.directory)
  const key = await keepKey(nextKey)
  const granted = await askForCertificate(options.http, {
    url: new URL(renewPath, options.url).href,
    body: { csr: requestCertificate(current.node, key) },
    key,
    node: current.node,
    timeoutMs: 30_000,
  })
  await writeCredentials(options.directory, { key, ...granted.files })
  await rm(nextKey, { force: true })
  options.log.info(
    { serial: granted.credentials.serial, until: new Date(granted.credentials.validToMs).toISOString() },
    'the certificate was renewed',
  )
  options.onRenewed(granted.credentials)
}
