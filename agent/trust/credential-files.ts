import { readFile } from 'node:fs/promises'
import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { PgherdError, messageOf, systemCodeOf } from '../../common/errors.ts'
import { makeDirectory } from '../../common/make-directory.ts'
import { writeFileDurably } from '../../common/write-file-durably.ts'

/** Who this agent is to the collector, as join and renewal leave it in its directory. */
export interface Credentials {
  /** `<cls>-<seq>` in the certificate's subject. */
  readonly node: string
  readonly validFromMs: number
  readonly validToMs: number
  readonly serial: string
}

export interface CredentialPaths {
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
  /** While it joins. */
  readonly pendingKey: string
  /** While it renews. */
  readonly nextKey: string
}

/** Key and certificate are one file, so that they change at the same moment. */
export function credentialPaths(directory: string): CredentialPaths {
  const own = join(directory, 'agent.pem')
  return {
    caFile: join(directory, 'ca.pem'),
    certFile: own,
    keyFile: own,
    pendingKey: join(directory, 'joining.key'),
    nextKey: join(directory, 'renewing.key'),
  }
}

/**
 * What the directory holds; undefined where the agent has not joined.
 * @throws PgherdError CONFIG_INVALID for files that cannot be read or make no sense
 */
export async function readCredentials(directory: string): Promise<Credentials | undefined> {
  const { certFile } = credentialPaths(directory)
  let text: string
  try {
    text = await readFile(certFile, 'utf8')
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw new PgherdError('CONFIG_INVALID', `cannot read ${certFile}: ${messageOf(error)}`, { cause: error })
  }
  try {
    return describeCertificate(text.slice(Math.max(0, text.indexOf('-----BEGIN CERTIFICATE-----'))))
  } catch (error) {
    throw new PgherdError(
      'CONFIG_INVALID',
      `${certFile} has no certificate that can be read (${messageOf(error)}); join again`,
      { cause: error },
    )
  }
}

/** @throws Error for what is not a certificate in PEM */
export function describeCertificate(pem: string): Credentials {
  const certificate = new X509Certificate(pem)
  const node = /(?:^|\n)CN=(.+)/.exec(certificate.subject)?.[1] ?? ''
  return {
    node,
    validFromMs: certificate.validFromDate.getTime(),
    validToMs: certificate.validToDate.getTime(),
    serial: certificate.serialNumber,
  }
}

/** @throws PgherdError DISK_FULL or DIRECTORY_UNUSABLE; then what was there before still counts */
export async function writeCredentials(
  directory: string,
  { key, certificate, ca }: { readonly key: string; readonly certificate: string; readonly ca: string },
): Promise<void> {
  const { caFile, certFile } = credentialPaths(directory)
  makeDirectory(directory)
  // In this order: a certificate whose authority is not known yet would be of no use.
  await writeFileDurably(caFile, withNewline(ca), 0o644)
  await writeFileDurably(certFile, `${withNewline(key)}${withNewline(certificate)}`, 0o600)
}

function withNewline(pem: string): string {
  return `${pem.trimEnd()}\n`
}
