import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto'

/** PostgreSQL's default (scram_iterations). */
const usualIterations = 4096
const keyBytes = 32

/**
 * What PostgreSQL keeps of a password, made here so that the password itself is in no statement and no log:
 * `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`. Source: RFC 5803 and RFC 5802, section 3; PostgreSQL, "pg_authid". The
 * password is one of ASCII, which SASLprep leaves as it is.
 * @param salt 16 random bytes
 */
export function scramVerifier(password: string, salt: Buffer, iterations: number = usualIterations): string {
  const salted = pbkdf2Sync(password, salt, iterations, keyBytes, 'sha256')
  const hmac = (text: string): Buffer => createHmac('sha256', salted).update(text).digest()
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest()
  const parts = [storedKey, hmac('Server Key')].map((key) => key.toString('base64'))
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${parts.join(':')}`
}

/** Whether a password is the one of pg_authid.rolpassword: SCRAM, or `md5` and the MD5 of password and name. */
export function isPasswordOf(verifier: string, password: string, role: string): boolean {
  const [, iterations, salt] = /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$/.exec(verifier) ?? []
  const expected =
    iterations === undefined || salt === undefined
      ? `md5${createHash('md5').update(password).update(role).digest('hex')}`
      : scramVerifier(password, Buffer.from(salt, 'base64'), Number(iterations))
  const [one, other] = [Buffer.from(expected), Buffer.from(verifier)]
  return one.length === other.length && timingSafeEqual(one, other)
}
