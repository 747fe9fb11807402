import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto'

/** The keys of a password in SCRAM-SHA-256. Source: RFC 5802, 3, with the hash of RFC 7677. */
export function scramKeys(password: string, salt: Buffer, iterations: number) {
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, iterations, 32, 'sha256')
  const clientKey = hmac(salted, 'Client Key')
  return { clientKey, storedKey: sha256(clientKey), serverKey: hmac(salted, 'Server Key') }
}

/** ClientProof: the client key, hidden by a signature of what both sides have said. */
export function scramProof(password: string, salt: Buffer, iterations: number, said: string): string {
  const { clientKey, storedKey } = scramKeys(password, salt, iterations)
  const signature = hmac(storedKey, said)
  return Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] ?? 0))).toString('base64')
}

/** What PostgreSQL sends for md5: twice hashed, the second time with the salt of the connection. */
export function md5Answer(user: string, password: string, salt: Buffer): string {
  return `md5${md5(Buffer.concat([Buffer.from(md5(Buffer.from(password + user))), salt]))}`
}

/**
 * Whether a verifier of pg_authid is of this password. Both forms that PostgreSQL keeps are known, others are of none.
 * Source: PostgreSQL's manual, "pg_authid".
 */
export function isVerifierOf(verifier: string, user: string, password: string): boolean {
  if (/^md5[0-9a-f]{32}$/.test(verifier)) return verifier === `md5${md5(Buffer.from(password + user))}`
  const [, iterations, salt = '', storedKey = ''] =
    /^SCRAM-SHA-256\$(\d{1,6}):([^$]+)\$([^:]+):/.exec(verifier) ?? []
  if (iterations === undefined) return false
  const computed = scramKeys(password, Buffer.from(salt, 'base64'), Number(iterations)).storedKey
  const kept = Buffer.from(storedKey, 'base64')
  return kept.length === computed.length && timingSafeEqual(kept, computed)
}

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()
const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex')
