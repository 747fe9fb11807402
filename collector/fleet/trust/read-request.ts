import { createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import { loadX509 } from './x509.ts'

/**
 * The public key of a certificate request (PKCS #10, RFC 2986, as PEM) whose sender has shown to hold the private
 * one. Nothing else in it counts.
 * @throws PgherdError BAD_REQUEST, also for a key that is neither P-256 nor Ed25519
 */
export async function readRequest(pem: string): Promise<KeyObject> {
  const x509 = await loadX509()
  const body =
    /^\s*-----BEGIN CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE REQUEST-----\s*$/.exec(
      pem,
    )?.[1]
  if (body === undefined) throw new PgherdError('BAD_REQUEST', 'the csr is no certificate request as PEM')
  let key: KeyObject
  let isSigned: boolean
  try {
    const request = new x509.Pkcs10CertificateRequest(Buffer.from(body, 'base64'))
    key = createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' })
    const isP256 = key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
    if (!isP256 && key.asymmetricKeyType !== 'ed25519') {
      throw new PgherdError(
        'BAD_REQUEST',
        'the key of the csr has to be one of ECDSA on P-256, or of Ed25519',
      )
    }
    isSigned = await request.verify()
  } catch (error) {
    if (error instanceof PgherdError) throw error
    throw new PgherdError('BAD_REQUEST', `the csr cannot be read: ${messageOf(error).slice(0, 200)}`, {
      cause: error,
    })
  }
  if (!isSigned) throw new PgherdError('BAD_REQUEST', 'the csr is not signed by the key that is in it')
  return key
}
