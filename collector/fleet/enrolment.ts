import { createHash } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import type { AuditFact } from '../../common/audit/entry.ts'
import type { Clock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import { nodePattern } from '../../common/trust/agent-name.ts'
import { parseJoinToken, printJoinToken } from '../../common/trust/join-token.ts'
import type { JoinAnswer } from '../../common/wire/join.ts'
import type { JoinTokenView, RevokedNode } from '../../common/wire/tokens.ts'
import type { Certificates } from './certificates.ts'
import { hashOf, isSecret, newId, newSecret } from './secret.ts'
import type { Authority } from './trust/authority.ts'
import { readRequest } from './trust/read-request.ts'
import { writing } from './writing.ts'

/** What the fleet signs with, and what its agents are to trust. */
export interface Signing {
  readonly authority: Authority
  /** PEM: the certificates that an agent is to trust when it connects to this collector. */
  readonly trusted: string
  /** SHA-256 of the first of them (DER). */
  readonly fingerprint: Buffer
}

/** How agents become part of the fleet, and cease to be. */
export interface Enrolment {
  /** A single-use token for one node. @throws PgherdError BAD_REQUEST for a name that no node has, DISK_FULL */
  offer(node: string, lifetimeMs: number, by: string): JoinTokenView
  /**
   * A certificate for the node of the token. Of several at one time one gets it; a repeat with the same key gets the same
   * again, as an answer may be lost. Certificates that the node had before are revoked.
   * @throws PgherdError UNAUTHENTICATED for a token that is none (any more), BAD_REQUEST for a bad csr, DISK_FULL
   */
  join(token: string, csr: string): Promise<JoinAnswer['data']>
  /** A further certificate. The present one stays valid until it expires: the new one may never arrive. */
  renew(node: string, csr: string): Promise<JoinAnswer['data']>
  /** Ends a node's certificates and open join tokens. @throws PgherdError NOT_FOUND where there are none, DISK_FULL */
  revoke(node: string, reason: string, by: string): RevokedNode
}

/** Of one node; an agent renews after two months. */
const maxValid = 32

const storedToken = z.object({
  id: z.string(),
  node: z.string(),
  hash: z.instanceof(Uint8Array),
  expires_ms: z.number(),
  key_hash: z.instanceof(Uint8Array).nullable(),
  certificate: z.string().nullable(),
  revoked_ms: z.number().nullable(),
})

export interface EnrolmentOptions {
  readonly clock: Clock
  readonly audit: (fact: AuditFact) => void
  readonly signing: Signing
  readonly certificates: Certificates
}

export function openEnrolment(database: DatabaseSync, options: EnrolmentOptions): Enrolment {
  const { clock, audit, signing, certificates } = options
  const insert = database.prepare(
    `INSERT INTO join_tokens (id, node, hash, created_by, expires_ms)
     VALUES (:id, :node, :hash, :by, :expiresMs)`,
  )
  const select = database.prepare('SELECT * FROM join_tokens WHERE id = ?')
  const use = database.prepare(
    `UPDATE join_tokens SET key_hash = :keyHash, certificate = :certificate
     WHERE id = :id AND certificate IS NULL AND revoked_ms IS NULL`,
  )
  const revokeOpen = database.prepare(
    `UPDATE join_tokens SET revoked_ms = :nowMs
     WHERE node = :node AND revoked_ms IS NULL AND expires_ms > :nowMs`,
  )
  const forget = database.prepare('DELETE FROM join_tokens WHERE expires_ms < ?')

  const told = (event: AuditFact['event'], who: string, what: string, node: string, why = ''): void =>
    audit({ event, who, what, where: node, why, command: null, outcome: null, digest: null })
  const answer = (node: string, certificate: string): JoinAnswer['data'] => ({
    node,
    certificate,
    ca: signing.trusted,
  })
  /** A token that may have been used, but has not ended. */
  const find = (text: string) => {
    const parsed = parseJoinToken(text)
    const row = parsed === undefined ? undefined : select.get(parsed.id)
    const stored = row === undefined ? undefined : storedToken.parse(row)
    if (parsed === undefined || stored === undefined || !isSecret(parsed.secret, stored.hash)) {
      throw new PgherdError('UNAUTHENTICATED', 'that is no join token of this fleet')
    }
    if (stored.revoked_ms !== null)
      throw new PgherdError('UNAUTHENTICATED', 'the join token has been revoked')
    if (stored.expires_ms <= clock.now()) {
      throw new PgherdError('UNAUTHENTICATED', 'the join token has expired')
    }
    return stored
  }

  return {
    offer(node, lifetimeMs, by) {
      if (!nodePattern.test(node)) {
        throw new PgherdError(
          'BAD_REQUEST',
          `"${node.slice(0, 128)}" is no name of a node: it has to be <cluster>-<number>`,
        )
      }
      const id = newId()
      const secret = newSecret()
      const nowMs = clock.now()
      const expiresMs = nowMs + lifetimeMs
      writing(() => forget.run(nowMs))
      told('enrolment-offered', by, `join token ${id} until ${new Date(expiresMs).toISOString()}`, node)
      writing(() => insert.run({ id, node, hash: hashOf(secret), by, expiresMs }))
      const { fingerprint } = signing
      const hex = fingerprint.toString('hex').toUpperCase()
      return {
        node,
        expiresMs,
        token: printJoinToken({ id, secret, fingerprint: fingerprint.toString('base64url') }),
        fingerprint: hex.replace(/..(?=.)/g, '$&:'),
      }
    },

    async join(token, csr) {
      // Strangers are not worth the work that follows.
      const { node } = find(token)
      const key = await readRequest(csr)
      const keyHash = hashOfKey(key)
      const issued = await signing.authority.issueAgent(node, key, clock.now())
      // Nothing is waited for from here on, so that of two at one time the second finds the token used.
      const stored = find(token)
      if (stored.certificate !== null) {
        if (stored.key_hash !== null && keyHash.equals(stored.key_hash))
          return answer(node, stored.certificate)
        throw new PgherdError('UNAUTHENTICATED', 'the join token has been used: each is good for one agent')
      }
      const earlier = certificates.validOf(node).length
      const replaced = earlier === 0 ? '' : `, in place of ${earlier} that the node had`
      told(
        'enrolled',
        `agent ${node}`,
        `certificate ${issued.serial} by join token ${stored.id}${replaced}`,
        node,
      )
      writing(() => {
        database.exec('BEGIN IMMEDIATE')
        try {
          use.run({ id: stored.id, keyHash, certificate: issued.certificate })
          certificates.revokeNode(node)
          certificates.add({ node, serial: issued.serial, notAfterMs: issued.notAfterMs })
          database.exec('COMMIT')
        } catch (error) {
          // A full disk may have ended the transaction already.
          if (database.isTransaction) database.exec('ROLLBACK')
          certificates.reload()
          throw error
        }
      })
      return answer(node, issued.certificate)
    },

    async renew(node, csr) {
      const issued = await signing.authority.issueAgent(node, await readRequest(csr), clock.now())
      const valid = certificates.validOf(node).length
      if (valid === 0) {
        throw new PgherdError('UNAUTHENTICATED', `the certificates of ${node} have been revoked`)
      }
      if (valid >= maxValid) {
        throw new PgherdError(
          'REFUSED',
          `${node} has ${valid} valid certificates: revoke them, and join again`,
        )
      }
      told('certificate-renewed', `agent ${node}`, `certificate ${issued.serial}`, node)
      writing(() => certificates.add({ node, serial: issued.serial, notAfterMs: issued.notAfterMs }))
      return answer(node, issued.certificate)
    },

    revoke(node, reason, by) {
      const joinTokens = Number(writing(() => revokeOpen.run({ node, nowMs: clock.now() })).changes)
      const ended = writing(() => certificates.revokeNode(node))
      if (ended === 0 && joinTokens === 0) {
        throw new PgherdError(
          'NOT_FOUND',
          `${node.slice(0, 128)} has no valid certificate and no open join token`,
        )
      }
      told('revoked', by, `${ended} certificates, ${joinTokens} join tokens`, node, reason)
      return { node, certificates: ended, joinTokens }
    },
  }
}

function hashOfKey(key: KeyObject): Buffer {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
}
