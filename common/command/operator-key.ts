import { createHash, createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { PgherdError } from '../errors.ts'

/** Whose commands may be believed: the public half of an operator's Ed25519 key. */
export interface OperatorKey {
  /** First 16 hexadecimal digits of the SHA-256 of the raw public key. */
  readonly id: string
  /** The operator's. He may have several keys. */
  readonly name: string
  readonly publicKey: KeyObject
}

/** First word of a line that holds a public key. */
const lineType = 'pgherd-ed25519'

export const operatorName = /^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/

/** What a SubjectPublicKeyInfo of Ed25519 has before the raw key (RFC 8410, 4). */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

/**
 * Public keys of small order (y of the eight points, in both encodings where there are two; RFC 8032, 5.1): under them
 * signatures hold that nobody has made.
 */
const smallOrder = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
])

/**
 * The key object of a raw public key.
 * @param raw 32 bytes
 * @throws PgherdError BAD_DATA
 */
export function operatorKey(raw: Uint8Array, name: string): OperatorKey {
  if (!operatorName.test(name)) {
    throw new PgherdError('BAD_DATA', 'the name of a key was malformed; allowed: letters, digits and . _ @ -')
  }
  if (raw.length !== 32) {
    throw new PgherdError('BAD_DATA', `a public key had ${raw.length} bytes; allowed: 32`)
  }
  // The topmost bit is the sign of x, which does not matter to the order.
  const unsigned = Buffer.from(raw)
  unsigned[31]! &= 0x7f
  if (smallOrder.has(unsigned.toString('hex'))) {
    throw new PgherdError('BAD_DATA', 'a public key is of small order, under which anybody can sign')
  }
  const publicKey = createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: 'der', type: 'spki' })
  return { id: keyId(raw), name, publicKey }
}

/** The raw 32 bytes of a key's public half. */
export function rawPublicKey(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length)
}

function keyId(raw: Uint8Array): string {
  return createHash('sha256').update(raw).digest('hex').slice(0, 16)
}

/** `pgherd-ed25519 <base64url of the raw key> <name>`: a line of an operators file. */
export function printOperatorKey({ publicKey, name }: OperatorKey): string {
  return `${lineType} ${rawPublicKey(publicKey).toString('base64url')} ${name}`
}

/** @throws PgherdError BAD_DATA with what was wrong */
export function parseOperatorKey(line: string): OperatorKey {
  const [type, encoded, name, ...more] = line.trim().split(/\s+/)
  if (type !== lineType || encoded === undefined || name === undefined || more.length > 0) {
    throw new PgherdError('BAD_DATA', `was no public key; allowed: ${lineType} <key> <name>`)
  }
  const raw = Buffer.from(encoded, 'base64url')
  if (raw.toString('base64url') !== encoded) {
    throw new PgherdError('BAD_DATA', 'the key was malformed; allowed: 43 characters of base64url')
  }
  return operatorKey(raw, name)
}
