import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import type { Clock } from '../../common/clock.ts'

export interface AgentCertificate {
  readonly node: string
  /** Lower-case hexadecimal. */
  readonly serial: string
  readonly notAfterMs: number
}

/**
 * The agents' certificates that count. One that is signed by the authority and not here counts as little as a revoked one:
 * somebody else has used the authority's key, or this state is older than the certificate.
 */
export interface Certificates {
  add(certificate: AgentCertificate): void
  /** Revokes all of a node, from now on. @returns how many were valid */
  revokeNode(node: string): number
  validOf(node: string): readonly AgentCertificate[]
  /** Whether a node has a certificate that counts. Costs a look at those that the node has had. */
  isEnrolled(node: string): boolean
  /** Why a certificate does not count, or undefined. Costs a look into a map. */
  problem(node: string, serial: string): 'unknown' | 'expired' | 'revoked' | undefined
  /** Is told the node whenever certificates are revoked. */
  onRevoked(listener: (node: string) => void): void
  /** Takes what is stored for what is known, after a transaction that failed. */
  reload(): void
}

interface KnownCertificate extends AgentCertificate {
  revoked: boolean
}

const rememberEndedMs = 30 * 86_400_000

const storedCertificate = z.object({
  serial: z.string(),
  node: z.string(),
  not_after_ms: z.number(),
  revoked_ms: z.number().nullable(),
})

export function openCertificates(database: DatabaseSync, clock: Clock): Certificates {
  const selectAll = database.prepare('SELECT * FROM certificates')
  const insert = database.prepare(
    'INSERT INTO certificates (serial, node, not_after_ms) VALUES (:serial, :node, :notAfterMs)',
  )
  const revoke = database.prepare(
    'UPDATE certificates SET revoked_ms = :nowMs WHERE node = :node AND revoked_ms IS NULL',
  )
  const forget = database.prepare('DELETE FROM certificates WHERE not_after_ms < ?')
  const listeners: ((node: string) => void)[] = []
  const bySerial = new Map<string, KnownCertificate>()
  const byNode = new Map<string, Set<KnownCertificate>>()

  const isValid = (certificate: KnownCertificate): boolean =>
    !certificate.revoked && certificate.notAfterMs > clock.now()
  const validOf = (node: string) => [...(byNode.get(node) ?? [])].filter(isValid)
  const know = (certificate: KnownCertificate): void => {
    bySerial.set(certificate.serial, certificate)
    byNode.set(certificate.node, (byNode.get(certificate.node) ?? new Set()).add(certificate))
  }
  const forgetOne = (certificate: KnownCertificate): void => {
    bySerial.delete(certificate.serial)
    const ofNode = byNode.get(certificate.node)
    ofNode?.delete(certificate)
    if (ofNode?.size === 0) byNode.delete(certificate.node)
  }
  const reload = (): void => {
    const stored = selectAll.all().map((row) => storedCertificate.parse(row))
    bySerial.clear()
    byNode.clear()
    for (const { serial, node, not_after_ms: notAfterMs, revoked_ms: revokedMs } of stored) {
      know({ serial, node, notAfterMs, revoked: revokedMs !== null })
    }
  }
  reload()
  return {
    add({ node, serial, notAfterMs }) {
      const before = clock.now() - rememberEndedMs
      forget.run(before)
      insert.run({ node, serial, notAfterMs })
      for (const known of bySerial.values()) if (known.notAfterMs < before) forgetOne(known)
      know({ node, serial, notAfterMs, revoked: false })
    },
    revokeNode(node) {
      const valid = validOf(node)
      // In memory first: whatever the disk says, from now on they do not count.
      for (const one of valid) one.revoked = true
      if (valid.length > 0) for (const listener of listeners) listener(node)
      revoke.run({ node, nowMs: clock.now() })
      return valid.length
    },
    validOf,
    isEnrolled(node) {
      for (const one of byNode.get(node) ?? []) if (isValid(one)) return true
      return false
    },
    problem(node, serial) {
      const known = bySerial.get(serial)
      if (known?.node !== node) return 'unknown'
      if (known.revoked) return 'revoked'
      return known.notAfterMs > clock.now() ? undefined : 'expired'
    },
    onRevoked: (listener) => void listeners.push(listener),
    reload,
  }
}
