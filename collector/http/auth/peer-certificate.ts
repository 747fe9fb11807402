import { TLSSocket } from 'node:tls'
import type { Socket } from 'node:net'
import { agentUri, nodePattern } from '../../../common/trust/agent-name.ts'

/** What the other end of a connection has shown of itself. Times are milliseconds since the epoch. */
export interface PeerCertificate {
  readonly node: string
  /** Lower-case hexadecimal. */
  readonly serial: string
  readonly fromMs: number
  readonly toMs: number
}

/** Why a certificate says nothing, as a sentence. */
export interface BadCertificate {
  readonly problem: string
}

const peers = new WeakMap<Socket, PeerCertificate | BadCertificate | 'none'>()

/** The certificate of a connection, looked at once; undefined without TLS or where none was shown. */
export function peerOf(socket: Socket): PeerCertificate | BadCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined
  let peer = peers.get(socket)
  if (peer === undefined) peers.set(socket, (peer = read(socket) ?? 'none'))
  return peer === 'none' ? undefined : peer
}

const problems: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet: does the clock of this collector go right?',
}

function read(socket: TLSSocket): PeerCertificate | BadCertificate | undefined {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return undefined
  if (!socket.authorized) {
    // Node's types say Error; it is the code of OpenSSL's verification.
    const code = String(socket.authorizationError)
    return { problem: problems[code] ?? `the certificate is not of this fleet (${code.slice(0, 64)})` }
  }
  const prefix = `URI:${agentUri('')}`
  const names = certificate.subjectAltName ?? ''
  const node = names.startsWith(prefix) ? names.slice(prefix.length) : ''
  if (!nodePattern.test(node)) return { problem: 'the certificate is not one of an agent' }
  return {
    node,
    serial: certificate.serialNumber.toLowerCase(),
    fromMs: certificate.validFromDate.getTime(),
    toMs: certificate.validToDate.getTime(),
  }
}
