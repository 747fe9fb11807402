import { PgherdError } from '../../common/errors.ts'
import type { ErrorCode } from '../../common/errors.ts'
import type { HttpClient } from '../../common/http-client.ts'
import { joinAnswer } from '../../common/wire/join.ts'
import { errorAnswer } from '../../common/wire/nodes.ts'
import { belongsTogether } from './certificate-request.ts'
import { describeCertificate } from './credential-files.ts'
import type { Credentials } from './credential-files.ts'

export interface Granted {
  readonly credentials: Credentials
  readonly files: { readonly certificate: string; readonly ca: string }
}

/**
 * One request to the collector's authority, whose answer is checked before anything depends on it.
 * @throws PgherdError of `HttpClient.send`, REFUSED with the collector's reason, BAD_DATA for an answer of no use
 */
export async function askForCertificate(
  http: HttpClient,
  request: {
    readonly url: string
    readonly body: Readonly<Record<string, string>>
    readonly key: string
    readonly node: string
    readonly timeoutMs: number
  },
): Promise<Granted> {
  const answer = await http.send({
    method: 'POST',
    url: request.url,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(request.body),
    timeoutMs: request.timeoutMs,
    maxAnswerBytes: 256 * 1024,
  })
  const { origin } = new URL(request.url)
  const content = parse(answer.body)
  if (answer.status !== 200) {
    const said = errorAnswer.safeParse(content)
    throw new PgherdError(
      codeOf(answer.status),
      `${origin} gives no certificate: ${said.success ? said.data.error : `status ${answer.status}`}`,
    )
  }
  const granted = joinAnswer.safeParse(content)
  if (!granted.success) {
    throw new PgherdError('BAD_DATA', `${origin} does not answer like a pgherd collector`)
  }
  const { certificate, ca, node } = granted.data.data
  if (node !== request.node) {
    throw new PgherdError(
      'REFUSED',
      `the certificate is for ${node}, and the configuration calls this agent ${request.node}`,
    )
  }
  const usable = check(request.key, certificate)
  if (usable?.node !== request.node) {
    throw new PgherdError('BAD_DATA', `the certificate that ${origin} gave does not fit our key and name`)
  }
  return { credentials: usable, files: { certificate, ca } }
}

function check(key: string, certificate: string): Credentials | undefined {
  try {
    return belongsTogether(key, certificate) ? describeCertificate(certificate) : undefined
  } catch {
    return undefined
  }
}

function codeOf(status: number): ErrorCode {
  if (status === 429) return 'OVERLOADED'
  return status >= 500 ? 'UNREACHABLE' : 'REFUSED'
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}
