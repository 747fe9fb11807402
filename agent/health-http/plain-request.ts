/** A request of a load balancer's check, read whole from one piece of the connection. */
export interface PlainRequest {
  readonly method: 'GET' | 'HEAD' | 'OPTIONS'
  readonly target: string
  readonly staysOpen: boolean
}

/** Checks are short; what is longer is no check. */
const longest = 2_048
const wholeRequest =
  /^(GET|HEAD|OPTIONS) ([!-~]+) HTTP\/1\.([01])\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~]*\r\n)*)\r\n$/
const connectionHeader = /^connection:[\t ]*(close|keep-alive)[\t ]*$/gim
const hostHeader = /^host:/gim
/** What makes a request more than its head, or the connection something else. */
const notPlain =
  /^(content-length|transfer-encoding|upgrade|expect|te|trailer|proxy-connection|connection):/im

/**
 * Reads what is exactly one whole request without a body (RFC 9112); undefined for everything else, also for what is only rare:
 * node:http has the last word on that.
 */
export function readPlainRequest(chunk: Buffer): PlainRequest | undefined {
  if (chunk.length > longest) return undefined
  const found = wholeRequest.exec(chunk.toString('latin1'))
  if (found === null) return undefined
  const [, method, target, minor, headers] = found as unknown as [
    string,
    PlainRequest['method'],
    string,
    '0' | '1',
    string,
  ]
  if (headers === '') return minor === '0' ? { method, target, staysOpen: false } : undefined
  const connections = [...headers.matchAll(connectionHeader)]
  const rest = connections.length === 0 ? headers : headers.replace(connectionHeader, '')
  if (connections.length > 1 || notPlain.test(rest)) return undefined
  const hosts = headers.match(hostHeader)?.length ?? 0
  if (hosts > 1 || (minor === '1' && hosts === 0)) return undefined
  const asked = connections[0]?.[1]?.toLowerCase()
  const staysOpen = minor === '1' ? asked !== 'close' : asked === 'keep-alive'
  return { method, target, staysOpen }
}
