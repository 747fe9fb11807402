import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { nestOptions } from '../../../common/config/nest-options.ts'
import { freePort } from '../../../testbed/ports.ts'
import { startPostgres } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { asUser, createOwnRoot } from './own-root.ts'

const password = 'correct horse'

export interface FirstSample {
  /** What agentctl printed of it. */
  readonly sample: string
  /** From an empty root that has the package files to that sample. */
  readonly seconds: number
  /** How long each step took, in the order of the steps. */
  readonly steps: ReadonlyMap<string, number>
  /** How often a receiver of traces was told something by the agent. */
  readonly traces: number
}

/**
 * Takes an empty Debian to the first measurement of a PostgreSQL by what the packages have installed alone: collector, its
 * authority, a node that joins by a token, agent, and agentctl, which sees the sample.
 * @param system an empty Debian, which stays as it is
 * @param packages both packages
 */
export async function timeFirstSample(system: string, packages: readonly string[]): Promise<FirstSample> {
  await using server = await startPostgres({ authentication: 'scram-sha-256' })
  await server.query(`create role pgherd login password '${password}'`)
  await server.query('grant pg_monitor to pgherd')
  await using receiver = await startTraceReceiver()
  const url = `https://127.0.0.1:${await freePort()}`
  using root = createOwnRoot(system, packages)

  const begin = performance.now()
  const steps = new Map<string, number>()
  const timed = async <T>(step: string, work: () => Promise<T>): Promise<T> => {
    const since = performance.now()
    const result = await work()
    steps.set(step, (performance.now() - since) / 1000)
    return result
  }
  await timed('dpkg -i', () => root.run('sh', '-c', 'dpkg -i /packages/*.deb'))
  const write = async (file: string, user: string, text: string): Promise<void> => {
    writeFileSync(root.path(file), text, { mode: 0o640 })
    await root.run('chgrp', user, file)
  }
  const ofCollector = { 'http.listen': new URL(url).host }
  await write('/etc/pgherd/collector.yaml', 'pgherd-collector', stringify(nestOptions(ofCollector)))
  await write('/etc/pgherd/agent.password', 'pgherd-agent', `${password}\n`)
  const ofAgent = {
    'identity.cluster': 'pg-main',
    'identity.seq': 1,
    'identity.ip': '127.0.0.1',
    'postgres.url': `postgres://pgherd@127.0.0.1:${server.port}/postgres`,
    'postgres.password_file': '/etc/pgherd/agent.password',
    'collector.url': url,
    'tracing.endpoint': receiver.url,
  }
  await write('/etc/pgherd/agent.yaml', 'pgherd-agent', stringify(nestOptions(ofAgent)))

  const configured = ['--config', '/etc/pgherd/collector.yaml']
  const told = await timed('pgherd-collector init', () =>
    root.run(...asUser('pgherd-collector'), 'pgherd-collector', 'init', ...configured),
  )
  const token = find(/pgh_[\w-]+/, told)
  const agentctl = (...words: readonly string[]): Promise<string> =>
    root.run(
      ...['env', `PGHERD_COLLECTOR_URL=${url}`, `PGHERD_TOKEN=${token}`],
      ...['PGHERD_CA_FILE=/var/lib/pgherd/collector/trust/ca.pem', 'agentctl', ...words],
    )
  await using collector = await root.start('pgherd-collector', 'pgherd-collector', ...configured)
  const enrolled = await timed('agentctl enroll', () =>
    collector.waitFor('the collector enrolls', () =>
      agentctl('enroll', 'pg-main-1').catch((error: unknown) => {
        if (String(error).includes('status 4')) return undefined
        throw error
      }),
    ),
  )
  const agentConfig = ['--config', '/etc/pgherd/agent.yaml']
  await timed('pgherd-agent join', () =>
    root.run(
      ...[...asUser('pgherd-agent'), 'pgherd-agent', 'join', url],
      ...[find(/pgherd-join-1\.[\w.-]+/, enrolled), ...agentConfig],
    ),
  )
  await using agent = await root.start('pgherd-agent', 'pgherd-agent', ...agentConfig)
  const sample = await timed('the first sample', () =>
    agent.waitFor(
      'pg_up of pg-main-1 in the collector',
      async () => {
        const answer = await agentctl('query', 'pg_up{ins="pg-main-1"}')
        return answer.includes('pg-main-1') && answer
      },
      60_000,
    ),
  )
  const seconds = (performance.now() - begin) / 1000
  await waitFor('a trace of the agent', () => receiver.requests() > 0, {
    timeoutMs: 30_000,
    explain: () => agent.logTail(),
  })
  return { sample, seconds, steps, traces: receiver.requests() }
}

function find(pattern: RegExp, text: string): string {
  const [found] = pattern.exec(text) ?? []
  if (found === undefined) throw new Error(`no ${String(pattern)} in: ${text}`)
  return found
}

/** Takes whatever is told by OTLP over HTTP, and counts. */
async function startTraceReceiver(): Promise<AsyncDisposable & { readonly url: string; requests(): number }> {
  let requests = 0
  const receiver = createServer((incoming, answer) => {
    incoming.resume().once('end', () => {
      requests++
      answer.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const { port } = receiver.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v1/traces`,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      receiver.closeAllConnections()
      receiver.close()
      await once(receiver, 'close')
    },
  }
}
