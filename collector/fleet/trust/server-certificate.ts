import { X509Certificate, createPrivateKey } from 'node:crypto'
import { isIP } from 'node:net'
import { serverDays } from './authority.ts'
import type { Authority, KeyAndCertificate } from './authority.ts'
import { readServer, writeServer } from './trust-directory.ts'

/** A certificate is renewed in the last third of its life. */
const renewBeforeMs = (serverDays / 3) * 86_400_000

/**
 * The collector's own certificate: the present one as long as it serves, else a new one with the names that are wanted
 * now and those that the present one has.
 * @throws PgherdError DISK_FULL or DIRECTORY_UNUSABLE when the new one cannot be written
 */
export async function serverCertificate(
  directory: string,
  {
    authority,
    names,
    nowMs,
  }: {
    readonly authority: Authority
    readonly names: readonly string[]
    readonly nowMs: number
  },
): Promise<KeyAndCertificate> {
  const present = await readServer(directory)
  const parsed = present === undefined ? undefined : parse(present, authority)
  if (present !== undefined && parsed !== undefined) {
    const isTimely =
      parsed.validFromDate.getTime() <= nowMs && parsed.validToDate.getTime() - nowMs > renewBeforeMs
    if (isTimely && names.every((name) => isNamed(parsed, name))) return present
  }
  const kept = parsed === undefined ? [] : namesOf(parsed)
  const next = await authority.issueServer([...new Set([...names, ...kept])], nowMs)
  await writeServer(directory, next)
  return next
}

/** Names and addresses that a certificate is for, as Node prints them (RFC 5280, 4.2.1.6). */
export function namesOf(certificate: X509Certificate): readonly string[] {
  const names = (certificate.subjectAltName ?? '').split(', ')
  return names.flatMap((name) => /^(?:DNS|IP Address):([A-Za-z0-9*.:_-]+)$/.exec(name)?.[1] ?? [])
}

function isNamed(certificate: X509Certificate, name: string): boolean {
  if (isIP(name) !== 0) return certificate.checkIP(name) !== undefined
  return certificate.checkHost(name, { wildcards: false }) !== undefined
}

/** Undefined for what is no certificate of this authority with its key. */
function parse({ key, certificate }: KeyAndCertificate, authority: Authority): X509Certificate | undefined {
  try {
    const parsed = new X509Certificate(certificate)
    const issuer = new X509Certificate(authority.certificate)
    const isOurs = parsed.checkIssued(issuer) && parsed.verify(issuer.publicKey)
    return isOurs && parsed.checkPrivateKey(createPrivateKey(key)) ? parsed : undefined
  } catch {
    return undefined
  }
}
