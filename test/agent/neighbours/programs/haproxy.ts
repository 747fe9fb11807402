import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHttpClient } from '../../../../common/http-client.ts'
import { findProgram } from '../../../../testbed/find-program.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'
import { freePorts } from '../../../../testbed/ports.ts'
import { startChild } from '../../../../testbed/process.ts'

export interface Haproxy extends AsyncDisposable {
  /** Of its exporter. */
  readonly url: string
}

/** Two services with three servers that are down, and the exporter. */
export async function startHaproxy(): Promise<Haproxy> {
  await using stack = new AsyncDisposableStack()
  const directory = stack.use(createOwnDirectory({ prefix: 'pgherd-haproxy-' }))
  const [exporter, primary, replica, down] = await freePorts(4)
  const configFile = join(directory.path, 'haproxy.cfg')
  const servers = [1, 2, 3].map((n) => `  server pg-main-${n} 127.0.0.1:${down!} check inter 1s\n`).join('')
  writeFileSync(
    configFile,
    `global
  maxconn 100
defaults
  mode tcp
  timeout connect 1s
  timeout client 1m
  timeout server 1m
frontend exporter
  mode http
  bind 127.0.0.1:${exporter!}
  http-request use-service prometheus-exporter if { path /metrics }
listen pg-main-primary
  bind 127.0.0.1:${primary!}
${servers}listen pg-main-replica
  bind 127.0.0.1:${replica!}
${servers}`,
  )
  const child = await startChild({
    name: 'HAProxy',
    command: findProgram('haproxy')!,
    args: ['-f', configFile, '-db'],
    logFile: join(directory.path, 'log'),
  })
  stack.defer(() => child.stop('SIGKILL'))
  const url = `http://127.0.0.1:${exporter!}/metrics`
  using http = createHttpClient()
  await child.waitFor('HAProxy has seen that its servers are down', async () => {
    const answer = await http.send({ method: 'GET', url, timeoutMs: 1000 }).catch(() => undefined)
    const down = /haproxy_backend_status\{proxy="pg-main-replica",state="DOWN"\} 1/
    return answer !== undefined && down.test(Buffer.from(answer.body).toString())
  })
  const owned = stack.move()
  return { url, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
