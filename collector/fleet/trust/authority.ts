import { X509Certificate, createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import { agentUri } from '../../../common/trust/agent-name.ts'
import { loadX509 } from './x509.ts'

/** PEM, of the key PKCS #8. */
export interface KeyAndCertificate {
  readonly key: string
  readonly certificate: string
}

export interface Issued {
  /** PEM */
  readonly certificate: string
  /** Lower-case hexadecimal. */
  readonly serial: string
  readonly notAfterMs: number
}

/** The fleet's certificate authority: who it signs for is the fleet, and nobody else. Times are ms since the epoch. */
export interface Authority {
  /** PEM */
  readonly certificate: string
  /** SHA-256 of the certificate (DER). */
  readonly fingerprint: Buffer
  /** For the collector itself, with a new key. */
  issueServer(names: readonly string[], nowMs: number): Promise<KeyAndCertificate>
  /** @param publicKey its holder is the node's agent */
  issueAgent(node: string, publicKey: KeyObject, nowMs: number): Promise<Issued>
}

const dayMs = 86_400_000
const authorityDays = 20 * 365
export const serverDays = 90
export const agentDays = 90
/** Certificates are valid from a while ago: clocks differ, and a machine may start with a wrong one. */
const backdatedMs = 3_600_000

const curve = { name: 'ECDSA', namedCurve: 'P-256' } as const
const signing = { name: 'ECDSA', hash: 'SHA-256' } as const

/** Makes a new authority: ECDSA on P-256, with a certificate for twenty years that can sign no other authority. */
export async function createAuthority(nowMs: number): Promise<KeyAndCertificate> {
  const x509 = await loadX509()
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const keys = {
    privateKey: await importPrivate(privateKey),
    publicKey: await importPublic(publicKey),
  }
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    // With a number of its own: two fleets' authorities must not be taken for one.
    name: [{ O: ['pgherd'] }, { CN: [`pgherd fleet ${randomBytes(4).toString('hex')}`] }],
    notBefore: new Date(nowMs - backdatedMs),
    notAfter: new Date(nowMs + authorityDays * dayMs),
    signingAlgorithm: signing,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { key: printKey(privateKey), certificate: `${certificate.toString('pem')}\n` }
}

/** @throws Error for what is no key or certificate, or when they do not belong together */
export function openAuthority({ key, certificate }: KeyAndCertificate): Authority {
  const parsed = new X509Certificate(certificate)
  const privateKey = createPrivateKey(key)
  if (!parsed.checkPrivateKey(privateKey)) throw new Error('the key is not that of the certificate')

  const issue = async (
    subject: string,
    publicKey: KeyObject,
    use: { readonly days: number; readonly extended: string; readonly names: readonly GeneralName[] },
    nowMs: number,
  ): Promise<Issued> => {
    const x509 = await loadX509()
    const issuer = new x509.X509Certificate(parsed.raw)
    const serial = newSerial()
    const endMs = Math.min(nowMs + use.days * dayMs, Date.parse(parsed.validTo))
    // Certificates know no milliseconds.
    const notAfterMs = endMs - (endMs % 1000)
    const issued = await x509.X509CertificateGenerator.create({
      serialNumber: serial,
      subject: [{ CN: [subject] }],
      issuer: issuer.subjectName,
      notBefore: new Date(nowMs - backdatedMs),
      notAfter: new Date(notAfterMs),
      signingAlgorithm: signing,
      publicKey: await importPublic(publicKey),
      signingKey: await importPrivate(privateKey),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([use.extended]),
        new x509.SubjectAlternativeNameExtension([...use.names]),
        await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ],
    })
    return { certificate: `${issued.toString('pem')}\n`, serial, notAfterMs }
  }

  return {
    certificate,
    fingerprint: Buffer.from(parsed.fingerprint256.replaceAll(':', ''), 'hex'),
    async issueServer(names, nowMs) {
      const { privateKey: serverKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const use = { days: serverDays, extended: serverAuth, names: names.map(generalName) }
      const issued = await issue('pgherd-collector', publicKey, use, nowMs)
      return { key: printKey(serverKey), certificate: issued.certificate }
    },
    issueAgent: (node, publicKey, nowMs) =>
      issue(
        // For people and the agent to read. What the collector goes by is the URI, which nothing else can look like.
        node,
        publicKey,
        { days: agentDays, extended: clientAuth, names: [{ type: 'url', value: agentUri(node) }] },
        nowMs,
      ),
  }
}

// RFC 5280, 4.2.1.12.
const serverAuth = '1.3.6.1.5.5.7.3.1'
const clientAuth = '1.3.6.1.5.5.7.3.2'

interface GeneralName {
  readonly type: 'ip' | 'dns' | 'url'
  readonly value: string
}

function generalName(name: string): GeneralName {
  return { type: isIP(name) === 0 ? 'dns' : 'ip', value: name }
}

/** 127 random bits, positive and without a leading zero byte (RFC 5280, 4.1.2.2). */
function newSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x7f) | 0x40
  return bytes.toString('hex')
}

function printKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function importPrivate(key: KeyObject): Promise<CryptoKey> {
  return crypto.subtle.importKey('pkcs8', key.export({ type: 'pkcs8', format: 'der' }), curve, true, ['sign'])
}

/** Only of the two kinds that the fleet uses. */
function importPublic(key: KeyObject): Promise<CryptoKey> {
  const algorithm = key.asymmetricKeyType === 'ed25519' ? 'Ed25519' : curve
  return crypto.subtle.importKey('spki', key.export({ type: 'spki', format: 'der' }), algorithm, true, [
    'verify',
  ])
}
