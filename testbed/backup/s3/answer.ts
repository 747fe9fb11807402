import { existsSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { listObjects } from './list-objects.ts'
import { openObjects } from './objects.ts'
import type { Objects } from './objects.ts'
import type { S3Options } from './options.ts'
import { refuseSignature } from './signature.ts'
import { element, text, textsOf, xmlDocument } from './xml.ts'

interface Call {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly bucket: string
  readonly objects: Objects
  readonly key: string
  readonly query: URLSearchParams
}

/** Bodies by upload and number, in the order of the numbers. */
export type Uploads = Map<string, Map<number, string>>

/** Of S3's errors. */
const codes: Readonly<Record<number, string>> = { 403: 'AccessDenied', 500: 'InternalError', 503: 'SlowDown' }

/** The part after the bucket in a host of the other style: `bucket.s3.test`. */
export const hostName = 's3.test'

/**
 * The calls of S3 that pgBackRest makes (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations.html): objects are
 * read, headed, put, put in parts and removed, one or many, and listed.
 */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { options, uploads }: { options: S3Options; uploads: Uploads },
): Promise<void> {
  const { method = '', url = '', headers } = request
  if (existsSync(options.refusalFile)) {
    const status = Number(readFileSync(options.refusalFile, 'utf8'))
    fail(response, status, codes[status] ?? 'InternalError')
    return
  }
  const refusal = refuseSignature({ method, url, headers }, options)
  if (refusal !== undefined) {
    fail(response, 403, refusal)
    return
  }
  const { pathname, searchParams } = new URL(url, 'https://host')
  const path = decodeURIComponent(pathname).slice(1)
  const inHost = new RegExp(`^(.+)\\.${hostName}(:\\d+)?$`).exec(headers.host ?? '')?.[1]
  const bucket = inHost ?? path.split('/', 1)[0]!
  const directory = join(options.directory, bucket)
  if (!/^[a-z0-9-]+$/.test(bucket) || !existsSync(directory)) {
    fail(response, 404, 'NoSuchBucket')
    return
  }
  const key = inHost === undefined ? path.slice(bucket.length + 1) : path
  const objects = openObjects(directory, options.uploads)
  await dispatch({ request, response, bucket, objects, key, query: searchParams }, uploads)
}

async function dispatch(call: Call, uploads: Uploads): Promise<void> {
  const { request, response, objects, key, query } = call
  switch (request.method) {
    case 'HEAD':
    case 'GET':
      if (key === '') succeed(response, listObjects(objects, call.bucket, query))
      else await readObject(call)
      return
    case 'PUT':
      await putObject(call, uploads)
      return
    case 'POST':
      if (query.has('uploads')) beginUpload(call, uploads)
      else if (query.has('uploadId')) await endUpload(call, uploads)
      else await removeMany(call)
      return
    case 'DELETE':
      await objects.remove(key)
      response.writeHead(204).end()
      return
    default:
      fail(response, 405, 'MethodNotAllowed')
  }
}

async function readObject({ request, response, objects, key }: Call): Promise<void> {
  const stats = objects.stat(key)
  if (stats === undefined) {
    fail(response, 404, 'NoSuchKey')
    return
  }
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  const start = Number(first ?? 0)
  const end = Math.min(last === undefined || last === '' ? stats.size - 1 : Number(last), stats.size - 1)
  const headers = { 'content-length': end - start + 1, 'last-modified': stats.mtime.toUTCString() }
  response.writeHead(first === undefined ? 200 : 206, headers)
  if (request.method === 'HEAD' || stats.size === 0) response.end()
  else await pipeline(objects.read(key, { start, end }), response)
}

async function putObject({ request, response, objects, key, query }: Call, uploads: Uploads): Promise<void> {
  const { file, md5, sha256 } = await objects.receive(request as AsyncIterable<Buffer>)
  const announced = request.headers['x-amz-content-sha256']
  const upload = uploads.get(query.get('uploadId') ?? '')
  if (announced !== sha256 || (query.has('uploadId') && upload === undefined)) {
    await rm(file)
    if (announced === sha256) fail(response, 404, 'NoSuchUpload')
    else fail(response, 400, 'XAmzContentSHA256Mismatch')
    return
  }
  if (upload === undefined) await objects.keep(key, [file])
  else upload.set(Number(query.get('partNumber')), file)
  response.writeHead(200, { etag: `"${md5}"` }).end()
}

function beginUpload({ response, bucket, key }: Call, uploads: Uploads): void {
  const id = `upload-${uploads.size + 1}`
  uploads.set(id, new Map())
  const parts = [element('Bucket', text(bucket)), element('Key', text(key)), element('UploadId', id)]
  succeed(response, element('InitiateMultipartUploadResult', ...parts))
}

async function endUpload({ request, response, objects, key, query }: Call, uploads: Uploads): Promise<void> {
  const id = query.get('uploadId') ?? ''
  const parts = uploads.get(id)
  const numbers = textsOf('PartNumber', await textOf(request)).map(Number)
  const files = numbers.map((number) => parts?.get(number) ?? '')
  if (files.length === 0 || files.includes('')) {
    fail(response, 400, 'InvalidPart')
    return
  }
  await objects.keep(key, files)
  // Ids are numbered, so it stays as ended.
  uploads.set(id, new Map())
  succeed(
    response,
    element('CompleteMultipartUploadResult', element('Key', text(key)), element('ETag', '"ended"')),
  )
}

/** Of `?delete`, in its quiet mode: only failures are told, and there are none. */
async function removeMany({ request, response, objects }: Call): Promise<void> {
  for (const key of textsOf('Key', await textOf(request))) await objects.remove(key)
  succeed(response, element('DeleteResult'))
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
  return Buffer.concat(parts).toString('utf8')
}

function succeed(response: ServerResponse, root: string): void {
  const body = Buffer.from(xmlDocument(root))
  response.writeHead(200, { 'content-type': 'application/xml', 'content-length': body.length }).end(body)
}

function fail(response: ServerResponse, status: number, code: string): void {
  const body = Buffer.from(xmlDocument(element('Error', element('Code', code), element('Message', code))))
  response.writeHead(status, { 'content-type': 'application/xml', 'content-length': body.length }).end(body)
}
