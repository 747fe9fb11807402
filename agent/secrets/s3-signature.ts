import { createHash, createHmac } from 'node:crypto'

/**
 * Headers of a request without a body that lists the buckets of an S3 server, signed by a key and its secret.
 * Source: AWS, "Signature Version 4 signing process".
 */
export function signedListing(
  host: string,
  key: string,
  secret: string,
  nowMs: number,
): Readonly<Record<string, string>> {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
  const day = stamp.slice(0, 8)
  const body = sha256('')
  const names = 'host;x-amz-content-sha256;x-amz-date'
  const canonical = [
    'GET',
    '/',
    '',
    `host:${host}`,
    `x-amz-content-sha256:${body}`,
    `x-amz-date:${stamp}`,
    '',
    names,
    body,
  ]
  const scope = `${day}/us-east-1/s3/aws4_request`
  const told = ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical.join('\n'))].join('\n')
  const signing = [day, 'us-east-1', 's3', 'aws4_request'].reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`))
  const signature = hmac(signing, told).toString('hex')
  return {
    'x-amz-content-sha256': body,
    'x-amz-date': stamp,
    authorization: `AWS4-HMAC-SHA256 Credential=${key}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  }
}

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
