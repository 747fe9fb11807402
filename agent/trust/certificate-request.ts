import { X509Certificate, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { printPem } from '../../common/trust/print-pem.ts'

/** A new key (P-256, PKCS #8, PEM). */
export function createKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/**
 * A certificate request (PKCS #10, RFC 2986, PEM) that proves to hold the key. Written out by hand, because it is one fixed
 * structure and the libraries for it take 16 MB of the patient's memory.
 */
export function requestCertificate(node: string, keyPem: string): string {
  const key = createPrivateKey(keyPem)
  const subject = sequence(set(sequence(commonName, tagged(0x0c, Buffer.from(node, 'utf8')))))
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const noAttributes = tagged(0xa0)
  const info = sequence(version0, subject, publicKey, noAttributes)
  const signature = sign('sha256', new Uint8Array(info), key)
  const request = sequence(
    info,
    sequence(ecdsaWithSha256),
    tagged(0x03, Buffer.of(0 /* unused bits */), signature),
  )
  return printPem('CERTIFICATE REQUEST', request)
}

/** Whether the certificate is for this key. */
export function belongsTogether(keyPem: string, certificatePem: string): boolean {
  return new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem))
}

const version0 = Buffer.of(0x02, 1, 0)
/** 2.5.4.3 */
const commonName = Buffer.of(0x06, 3, 0x55, 4, 3)
/** 1.2.840.10045.4.3.2 */
const ecdsaWithSha256 = Buffer.of(0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2)

const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, ...parts)
const set = (...parts: readonly Buffer[]): Buffer => tagged(0x31, ...parts)

/** Tag, length and content in DER (X.690, 8.1). */
function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const head = length < 0x80 ? [tag, length] : [tag, 0x82, length >> 8, length & 0xff]
  if (length >= 0x80 && length < 0x100) head.splice(1, 2, 0x81)
  return Buffer.concat([Buffer.from(head), content])
}
