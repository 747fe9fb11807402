import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { AuditFact } from '../../../common/audit/entry.ts'
import { systemClock } from '../../../common/clock.ts'
import { PgherdError } from '../../../common/errors.ts'
import { openFleet } from '../../../collector/fleet/fleet.ts'
import { createAuthority, openAuthority } from '../../../collector/fleet/trust/authority.ts'
import { loadX509 } from '../../../collector/fleet/trust/x509.ts'

/** A clock that stands until it is moved, also back. */
export function handClock(nowMs = Date.UTC(2026, 10, 1)) {
  let now = nowMs
  let monotonic = 0
  return {
    ...systemClock,
    now: () => now,
    monotonic: () => monotonic,
    advance: (ms: number) => {
      now += ms
      monotonic += ms
    },
    /** Somebody sets the wall clock. */
    step: (ms: number) => void (now += ms),
  }
}

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-trust-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

/** A fleet with an authority of its own. */
export async function startFleet(clock = handClock()) {
  const path = join(temporaryDirectory(), 'fleet.sqlite')
  const facts: AuditFact[] = []
  /** The disk of the audit, which may be another than that of the state. */
  const disk = { isFull: false }
  const fleet = openFleet({
    path,
    clock,
    audit: (fact) =>
      disk.isFull
        ? Promise.reject(new PgherdError('DISK_FULL', 'no room for the audit'))
        : Promise.resolve(facts.push(fact)),
  })
  onTestFinished(() => fleet[Symbol.dispose]())
  const authority = openAuthority(await createAuthority(clock.now()))
  const enrolment = fleet.enrolment({
    authority,
    trusted: authority.certificate,
    fingerprint: authority.fingerprint,
  })
  return { path, clock, facts, disk, fleet, authority, enrolment }
}

/** A key pair with its certificate request, as an agent makes them. */
export async function newRequest(subject = 'CN=anything', algorithm: 'P-256' | 'Ed25519' = 'P-256') {
  const x509 = await loadX509()
  const pair =
    algorithm === 'Ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const importAs = algorithm === 'Ed25519' ? 'Ed25519' : { name: 'ECDSA', namedCurve: 'P-256' }
  const keys = {
    privateKey: await crypto.subtle.importKey(
      'pkcs8',
      pair.privateKey.export({ type: 'pkcs8', format: 'der' }),
      importAs,
      true,
      ['sign'],
    ),
    publicKey: await crypto.subtle.importKey(
      'spki',
      pair.publicKey.export({ type: 'spki', format: 'der' }),
      importAs,
      true,
      ['verify'],
    ),
  }
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subject,
    keys,
    signingAlgorithm: algorithm === 'Ed25519' ? { name: 'Ed25519' } : { name: 'ECDSA', hash: 'SHA-256' },
  })
  return {
    csr: request.toString('pem'),
    key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: pair.publicKey,
  }
}
