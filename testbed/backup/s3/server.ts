import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createOwnDirectory } from '../../own-directory.ts'
import { freePort } from '../../ports.ts'
import { startChild } from '../../process.ts'
import type { Child } from '../../process.ts'
import { isStopped } from '../../process-table.ts'
import { unprivilegedOwner } from '../../unprivileged.ts'
import { waitFor } from '../../wait.ts'
import { hostName } from './answer.ts'
import { selfSigned } from './certificate.ts'
import type { S3Options } from './options.ts'

/** An S3 server over HTTPS on loopback, a process of its own. Disposing ends it and removes its objects. */
export interface S3Server extends AsyncDisposable {
  /** For `s3-endpoint`; nobody resolves it, so clients are told to connect to 127.0.0.1. */
  readonly hostName: string
  readonly port: number
  readonly bucket: string
  readonly keyId: string
  readonly keySecret: string
  /** PEM; what signed its certificate. */
  readonly caFile: string
  /** Objects are files there, named by their keys. */
  readonly bucketDirectory: string
  /** What it has to say about calls that failed inside it. */
  readonly logFile: string
  /** Again at the same port, with the same objects. */
  start(): Promise<void>
  /** Nobody listens afterwards: connections are refused. */
  stop(): Promise<void>
  /** Connections are accepted by the kernel and nothing is answered, until `resume`. */
  freeze(): Promise<void>
  resume(): void
  /** Answers everything with this status, until it is undefined. */
  refuse(status: number | undefined): void
}

const main = fileURLToPath(new URL('main.ts', import.meta.url))

/** @param options.directory an existing one for the objects, as a small file system; a temporary one unless told */
export async function startS3Server(options: { readonly directory?: string } = {}): Promise<S3Server> {
  const owner = unprivilegedOwner()
  await using stack = new AsyncDisposableStack()
  const own = stack.use(createOwnDirectory({ prefix: 'pgherd-s3-' }, owner)).path
  const inside = (name: string): string => {
    const path = join(options.directory ?? own, name)
    mkdirSync(path)
    return path
  }
  const { key, certificate } = await selfSigned([
    { type: 'dns', value: hostName },
    { type: 'dns', value: `*.${hostName}` },
    // pgBackRest 2.45 looks for what it connects to among the names alone.
    { type: 'dns', value: '127.0.0.1' },
  ])
  const caFile = join(own, 'certificate.pem')
  const process: S3Options = {
    port: await freePort(),
    keyFile: join(own, 'key.pem'),
    certificateFile: caFile,
    directory: inside('buckets'),
    uploads: inside('uploads'),
    keyId: 'testbed-key',
    keySecret: 'testbed/secret+of=the-key',
    refusalFile: join(own, 'refusal'),
  }
  writeFileSync(process.keyFile, key, { mode: 0o600 })
  writeFileSync(caFile, certificate)
  const bucket = 'backups'
  const bucketDirectory = join(process.directory, bucket)
  mkdirSync(bucketDirectory)
  const logFile = join(own, 'log')
  let child: Child | undefined
  stack.defer(() => child?.stop('SIGKILL'))

  const server: S3Server = {
    ...{ hostName, bucket, keyId: process.keyId, keySecret: process.keySecret, port: process.port },
    ...{ caFile, bucketDirectory, logFile },
    async start() {
      if (child?.isAlive() === true) return
      writeFileSync(logFile, '')
      child = await startChild({
        name: 'the S3 server',
        command: globalThis.process.execPath,
        args: [main, JSON.stringify(process)],
        logFile,
      })
      const started = child
      await started.waitFor('it listens', () => started.logTail().startsWith('listening'))
    },
    stop: async () => child?.stop('SIGKILL'),
    async freeze() {
      if (child?.isAlive() !== true) throw new Error('the S3 server is not running')
      const { pid } = child
      child.signal('SIGSTOP')
      await waitFor('the S3 server to stop', () => isStopped(pid))
    },
    resume: () => child?.signal('SIGCONT'),
    refuse(status) {
      if (status === undefined) rmSync(process.refusalFile, { force: true })
      else writeFileSync(process.refusalFile, String(status))
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
  await server.start()
  const kept = stack.move()
  return server
}
