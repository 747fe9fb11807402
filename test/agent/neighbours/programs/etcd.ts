import { join } from 'node:path'
import { createHttpClient } from '../../../../common/http-client.ts'
import { findProgram } from '../../../../testbed/find-program.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'
import { freePorts } from '../../../../testbed/ports.ts'
import { startChild } from '../../../../testbed/process.ts'

export interface Etcd extends AsyncDisposable {
  /** `127.0.0.1:2379`. */
  readonly address: string
}

/** A member of its own on loopback. @param tls asks clients for a certificate by the same authority */
export async function startEtcd(tls?: {
  readonly certFile: string
  readonly keyFile: string
}): Promise<Etcd> {
  await using stack = new AsyncDisposableStack()
  const directory = stack.use(createOwnDirectory({ prefix: 'pgherd-etcd-' }))
  const [client, peer, plain] = await freePorts(3)
  const address = `127.0.0.1:${client!}`
  const clientUrl = `${tls === undefined ? 'http' : 'https'}://${address}`
  const peerUrl = `http://127.0.0.1:${peer!}`
  const healthUrl = `http://127.0.0.1:${plain!}`
  const child = await startChild({
    name: 'etcd',
    command: findProgram('etcd')!,
    args: [
      ...['--name', 'n1', '--data-dir', join(directory.path, 'data'), '--enable-v2=true'],
      ...['--listen-client-urls', clientUrl, '--advertise-client-urls', clientUrl],
      ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
      ...['--initial-cluster', `n1=${peerUrl}`, '--listen-metrics-urls', healthUrl, '--log-level', 'warn'],
      ...(tls === undefined
        ? []
        : [
            '--cert-file',
            tls.certFile,
            '--key-file',
            tls.keyFile,
            '--client-cert-auth',
            '--trusted-ca-file',
            tls.certFile,
          ]),
    ],
    logFile: join(directory.path, 'log'),
  })
  stack.defer(() => child.stop('SIGKILL'))
  using http = createHttpClient()
  await child.waitFor('etcd is healthy', async () => {
    const url = `${healthUrl}/health`
    const answer = await http.send({ method: 'GET', url, timeoutMs: 1000 }).catch(() => undefined)
    return answer !== undefined && Buffer.from(answer.body).includes('"health":"true"')
  })
  const owned = stack.move()
  return { address, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
