import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * SHA-256 of a secret of 256 random bits. A slow hash such as argon2 protects what people choose, which can be guessed;
 * nobody guesses these, and this one is computed for every request.
 */
export function hashOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer')
}

/** Compares in a time that tells nothing. */
export function isSecret(secret: string, hash: Uint8Array): boolean {
  return timingSafeEqual(hashOf(secret), hash)
}

/** 256 random bits, base64url: 43 characters. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** 48 random bits as 12 hexadecimal digits, for a person to read and copy. */
export function newId(): string {
  return randomBytes(6).toString('hex')
}
