import { generateKeyPairSync } from 'node:crypto'
import 'reflect-metadata'
import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

const dayMs = 86_400_000

/**
 * A key and a certificate of a server that signs itself, for a day; whoever is to trust it gets the certificate.
 * @param names host names and IP addresses
 * @returns PEM
 */
export async function selfSigned(
  names: readonly { readonly type: 'dns' | 'ip'; readonly value: string }[],
): Promise<{ readonly key: string; readonly certificate: string }> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const curve = { name: 'ECDSA', namedCurve: 'P-256' }
  const { subtle } = crypto
  const keys: CryptoKeyPair = {
    privateKey: await subtle.importKey(
      'pkcs8',
      privateKey.export({ type: 'pkcs8', format: 'der' }),
      curve,
      true,
      ['sign'],
    ),
    publicKey: await subtle.importKey(
      'spki',
      publicKey.export({ type: 'spki', format: 'der' }),
      curve,
      true,
      ['verify'],
    ),
  }
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ['testbed'] }],
    // Tests move clocks.
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + dayMs),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new SubjectAlternativeNameExtension([...names]),
    ],
  })
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: `${certificate.toString('pem')}\n`,
  }
}
