import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { open } from 'node:fs/promises'
import { PgherdError, messageOf, systemCodeOf } from '../errors.ts'
import { operatorKey, rawPublicKey } from './operator-key.ts'
import type { OperatorKey } from './operator-key.ts'

/** What an operator signs with. It never leaves his machine. */
export interface SigningKey extends OperatorKey {
  readonly privateKey: KeyObject
}

/** @throws PgherdError BAD_DATA for a malformed name */
export function generateSigningKey(name: string): SigningKey {
  return signingKey(generateKeyPairSync('ed25519').privateKey, name)
}

function signingKey(privateKey: KeyObject, name: string): SigningKey {
  return { ...operatorKey(rawPublicKey(privateKey), name), privateKey }
}

/**
 * Writes a private key as PEM (PKCS #8; with a passphrase encrypted by AES-256-CBC) into a file that only its owner
 * can read. A file that exists is never replaced.
 * @throws PgherdError REFUSED when the file exists, DIRECTORY_UNUSABLE
 */
export async function writePrivateKey(path: string, key: SigningKey, passphrase?: string): Promise<void> {
  const pem = key.privateKey.export({
    format: 'pem',
    type: 'pkcs8',
    ...(passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }),
  })
  try {
    await using file = await open(path, 'wx', 0o600)
    // A umask can only take away, but an access list of the directory can add.
    await file.chmod(0o600)
    await file.writeFile(pem)
    await file.sync()
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') {
      throw new PgherdError('REFUSED', `${path} exists; a key is never overwritten`, { cause: error })
    }
    throw new PgherdError('DIRECTORY_UNUSABLE', `cannot write ${path}: ${messageOf(error)}`, { cause: error })
  }
}

/** A key file is some hundred bytes. */
const maxFileBytes = 16_384

/**
 * @param passphrase asked for only when the file is encrypted
 * @throws PgherdError REFUSED when others can read the file or the passphrase is wrong, NOT_FOUND, BAD_DATA
 */
export async function readPrivateKey(
  path: string,
  name: string,
  passphrase: () => Promise<string> = () => Promise.resolve(''),
): Promise<SigningKey> {
  const pem = await readOwnFile(path)
  const encrypted = pem.includes('BEGIN ENCRYPTED PRIVATE KEY')
  const secret = encrypted ? await passphrase() : undefined
  let privateKey: KeyObject
  try {
    privateKey = createPrivateKey({
      key: pem,
      format: 'pem',
      ...(secret === undefined ? {} : { passphrase: secret }),
    })
  } catch (error) {
    if (encrypted) throw new PgherdError('REFUSED', `the passphrase of ${path} is wrong`, { cause: error })
    throw new PgherdError('BAD_DATA', `${path} holds no private key (PEM, PKCS #8)`, { cause: error })
  }
  if (privateKey.asymmetricKeyType !== 'ed25519') {
    throw new PgherdError(
      'BAD_DATA',
      `${path} holds a key of ${String(privateKey.asymmetricKeyType)}; allowed: ed25519`,
    )
  }
  return signingKey(privateKey, name)
}

async function readOwnFile(path: string): Promise<string> {
  try {
    await using file = await open(path, 'r')
    const { mode, size } = await file.stat()
    if ((mode & 0o077) !== 0) {
      const shown = (mode & 0o777).toString(8)
      throw new PgherdError(
        'REFUSED',
        `${path} had mode ${shown}, so others may have read the key; allowed: 600 (chmod 600 ${path})`,
      )
    }
    if (size > maxFileBytes) throw new PgherdError('BAD_DATA', `${path} is too large for a key`)
    return await file.readFile('utf8')
  } catch (error) {
    if (error instanceof PgherdError) throw error
    throw new PgherdError('NOT_FOUND', `cannot read the key ${path}: ${messageOf(error)}`, { cause: error })
  }
}
