import { X509Certificate, randomBytes } from 'node:crypto'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { TLSSocket } from 'node:tls'
import { createAuthority, openAuthority } from '../../../collector/fleet/trust/authority.ts'
import { readRequest } from '../../../collector/fleet/trust/read-request.ts'
import { printJoinToken } from '../../../common/trust/join-token.ts'

export interface Question {
  readonly path: string
  readonly body: Record<string, string>
  /** Serial number of the certificate that the client showed, lower case. */
  readonly shown: string | undefined
}

/** A TLS server with the fleet's real authority behind it, which signs whatever it is asked to sign for `node`. */
export async function openFleetServer(node: string) {
  const made = await createAuthority(Date.now())
  const authority = openAuthority(made)
  const server = await authority.issueServer(['127.0.0.1', 'localhost'], Date.now())
  const questions: Question[] = []
  const behaviour = { refuse: undefined as string | undefined, lose: false }
  const https = createServer(
    {
      key: server.key,
      cert: server.certificate + authority.certificate,
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, reply) => {
      void (async () => {
        const body = JSON.parse(await text(request)) as Record<string, string>
        const { socket } = request
        const peer = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
        questions.push({ path: request.url ?? '', body, shown: peer?.serialNumber.toLowerCase() })
        if (behaviour.lose) {
          request.socket.destroy()
          return
        }
        const { refuse } = behaviour
        reply.statusCode = refuse === undefined ? 200 : 401
        const { certificate } = await authority.issueAgent(
          node,
          await readRequest(body['csr'] ?? ''),
          Date.now(),
        )
        reply.end(
          JSON.stringify(
            refuse === undefined
              ? { status: 'success', data: { node, certificate, ca: authority.certificate } }
              : { status: 'error', errorType: 'unauthorized', error: refuse },
          ),
        )
      })()
    },
  )
  await new Promise<void>((resolve) => void https.listen(0, '127.0.0.1', resolve))
  const { port } = https.address() as AddressInfo
  const tokenFor = (fingerprint: Buffer): string =>
    printJoinToken({
      id: 'abcdefgh',
      secret: randomBytes(32).toString('base64url'),
      fingerprint: fingerprint.toString('base64url'),
    })
  return {
    url: `https://127.0.0.1:${port}`,
    token: tokenFor(authority.fingerprint),
    foreignToken: tokenFor(randomBytes(32)),
    questions,
    behaviour,
    isIssuedByUs: (pem: string) =>
      new X509Certificate(pem).verify(new X509Certificate(made.certificate).publicKey),
    async [Symbol.asyncDispose]() {
      https.closeAllConnections()
      await new Promise((resolve) => https.close(resolve))
    },
  }
}
