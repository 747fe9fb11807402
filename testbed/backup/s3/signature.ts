import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export interface SignedRequest {
  readonly method: string
  /** As sent: the path, and the query after its `?`. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
}

const authorization =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request,\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})$/

/**
 * Checks a signature of version 4 in the header `authorization`
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html); not the clock.
 * @returns the code of S3's error, or undefined when the request is signed with this key
 */
export function refuseSignature(
  request: SignedRequest,
  key: { readonly keyId: string; readonly keySecret: string },
): 'AccessDenied' | 'InvalidAccessKeyId' | 'SignatureDoesNotMatch' | undefined {
  const [, keyId, day, region, names, signature] =
    authorization.exec(request.headers.authorization ?? '') ?? []
  if (keyId === undefined || day === undefined || region === undefined) return 'AccessDenied'
  if (keyId !== key.keyId) return 'InvalidAccessKeyId'
  const header = (name: string): string => String(request.headers[name] ?? '').trim()
  const [path = '', query = ''] = request.url.split(/\?(.*)/s)
  const canonical = [
    request.method,
    path,
    query
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
      .sort()
      .join('&'),
    ...(names ?? '').split(';').map((name) => `${name}:${header(name)}`),
    '',
    names,
    header('x-amz-content-sha256'),
  ].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const text = [
    'AWS4-HMAC-SHA256',
    header('x-amz-date'),
    scope,
    createHash('sha256').update(canonical).digest('hex'),
  ].join('\n')
  const signingKey = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${key.keySecret}`,
  )
  const expected = createHmac('sha256', signingKey).update(text).digest()
  return timingSafeEqual(expected, Buffer.from(signature ?? '', 'hex')) ? undefined : 'SignatureDoesNotMatch'
}
