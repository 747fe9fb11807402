import { createHash } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import type { AuditFact } from '../../common/audit/entry.ts'
import type { Clock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import { inTransaction } from '../../common/in-transaction.ts'
import { nodePattern } from '../../common/trust/agent-name.ts'
import { parseJoinToken, printJoinToken } from '../../common/trust/join-token.ts'
import type { JoinAnswer } from '../../common/wire/join.ts'
import type { JoinTokenView, RevokedNode } from '../../common/wire/tokens.ts'
import type { Certificates } from './certificates.ts'
import type { TellAudit } from './kept-facts.ts'
import { hashOf, isSecret, newId, newSecret } from './secret.ts'
import type { Authority, Issued } from './trust/authority.ts'
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

/** How agents become part of the fleet, and cease to be. What the audit cannot be told is not allowed: all reject with its error. */
export interface Enrolment {
  /** A single-use token for one node. @throws PgherdError BAD_REQUEST for a name that no node has, DISK_FULL */
  offer(node: string, lifetimeMs: number, by: string): Promise<JoinTokenView>
  /**
   * A certificate for the node of the token. Of several at one time one gets it; a repeat with the same key gets the same
   * again, as an answer may be lost. Certificates that the node had before are revoked.
   * @param asked what the agent is called; with a token for another node nothing is done
   * @throws PgherdError UNAUTHENTICATED for a token that is none (any more), REFUSED, BAD_REQUEST for a bad csr, DISK_FULL
   */
  join(token: string, csr: string, asked?: string): Promise<JoinAnswer['data']>
  /**
   * A further certificate for whoever has the one with this serial, which stays valid until it expires: the new one may
   * never arrive.
   * @throws PgherdError UNAUTHENTICATED when that one no longer counts, REFUSED, BAD_REQUEST, DISK_FULL
   */
  renew(node: string, serial: string, csr: string): Promise<JoinAnswer['data']>
  /**
   * Ends a node's certificates and open join tokens, at once, also when this rejects; then a repeat writes and tells what
   * is missing.
   * @throws PgherdError NOT_FOUND where there are none, DISK_FULL
   */
  revoke(node: string, reason: string, by: string): Promise<RevokedNode>
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
  readonly audit: TellAudit
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

  const told = (event: AuditFact['event'], who: string, what: string, node: string, why = '') =>
    audit({ event, who, what, where: node, why, command: null, outcome: null, digest: null })
  /** Join tokens that are being used. */
  const joining = new Map<string, Promise<undefined>>()
  /** What was ended of a node, and is not yet in the audit. */
  const ending = new Map<string, { readonly certificates: number; readonly joinTokens: number }>()
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

  const enrol = (tokenId: string, node: string, keyHash: Buffer, issued: Issued): void =>
    writing(() => {
      try {
        inTransaction(database, () => {
          use.run({ id: tokenId, keyHash, certificate: issued.certificate })
          certificates.revokeNode(node)
          certificates.add({ node, serial: issued.serial, notAfterMs: issued.notAfterMs })
        })
      } catch (error) {
        certificates.reload()
        throw error
      }
    })

  return {
    async offer(node, lifetimeMs, by) {
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
      await told('enrolment-offered', by, `join token ${id} until ${new Date(expiresMs).toISOString()}`, node)
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

    async join(token, csr, asked) {
      // Strangers are not worth the work that follows.
      const { id, node } = find(token)
      if (asked !== undefined && asked !== node) {
        throw new PgherdError(
          'REFUSED',
          `the join token is for ${node}, and the configuration calls this agent ${asked}`,
        )
      }
      const key = await readRequest(csr)
      const keyHash = hashOfKey(key)
      const issued = await signing.authority.issueAgent(node, key, clock.now())
      // Of two at one time the second finds the token used.
      for (let one = joining.get(id); one !== undefined; one = joining.get(id)) await one
      const stored = find(token)
      if (stored.certificate !== null) {
        if (stored.key_hash !== null && keyHash.equals(stored.key_hash))
          return answer(node, stored.certificate)
        throw new PgherdError('UNAUTHENTICATED', 'the join token has been used: each is good for one agent')
      }
      const earlier = certificates.validOf(node).length
      const replaced = earlier === 0 ? '' : `, in place of ${earlier} that the node had`
      const ended = Promise.withResolvers<undefined>()
      joining.set(id, ended.promise)
      try {
        await told(
          'enrolled',
          `agent ${node}`,
          `certificate ${issued.serial} by join token ${id}${replaced}`,
          node,
        )
        // It may have been revoked meanwhile.
        find(token)
        enrol(id, node, keyHash, issued)
      } finally {
        joining.delete(id)
        ended.resolve(undefined)
      }
      return answer(node, issued.certificate)
    },

    async renew(node, serial, csr) {
      const issued = await signing.authority.issueAgent(node, await readRequest(csr), clock.now())
      const requireValid = (): void => {
        const problem = certificates.problem(node, serial)
        if (problem === undefined) return
        throw new PgherdError(
          'UNAUTHENTICATED',
          `the certificate that ${node} has shown does not count: ${problem}`,
        )
      }
      requireValid()
      const valid = certificates.validOf(node).length
      if (valid >= maxValid) {
        throw new PgherdError(
          'REFUSED',
          `${node} has ${valid} valid certificates: revoke them, and join again`,
        )
      }
      await told('certificate-renewed', `agent ${node}`, `certificate ${issued.serial}`, node)
      requireValid()
      writing(() => certificates.add({ node, serial: issued.serial, notAfterMs: issued.notAfterMs }))
      return answer(node, issued.certificate)
    },

    async revoke(node, reason, by) {
      const before = ending.get(node) ?? { certificates: 0, joinTokens: 0 }
      let ended = {
        ...before,
        certificates: before.certificates + certificates.validOf(node).length,
      }
      ending.set(node, ended)
      try {
        writing(() => certificates.revokeNode(node))
        const open = Number(writing(() => revokeOpen.run({ node, nowMs: clock.now() })).changes)
        ended = { ...ended, joinTokens: before.joinTokens + open }
      } finally {
        if (ended.certificates + ended.joinTokens === 0) ending.delete(node)
        else ending.set(node, ended)
      }
      if (ended.certificates + ended.joinTokens === 0) {
        throw new PgherdError(
          'NOT_FOUND',
          `${node.slice(0, 128)} has no valid certificate and no open join token`,
        )
      }
      await told(
        'revoked',
        by,
        `${ended.certificates} certificates, ${ended.joinTokens} join tokens`,
        node,
        reason,
      )
      ending.delete(node)
      return { node, ...ended }
    },
  }
}

function hashOfKey(key: KeyObject): Buffer {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
}
