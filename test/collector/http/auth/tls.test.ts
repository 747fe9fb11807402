import { once } from 'node:events'
import { Agent, request as httpsRequest } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { TLSSocket, connect as connectTls } from 'node:tls'
import type { ConnectionOptions } from 'node:tls'
import { expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { ChannelSocket } from '../../../../common/wire/channel-socket.ts'
import { createAuthority, openAuthority } from '../../../../collector/fleet/trust/authority.ts'
import { agentRights } from '../../../../collector/agent-rights.ts'
import { insertService } from '../../../../collector/agent-writes.ts'
import type { NewEvent } from '../../../../common/wire/events.ts'
import { createIngest } from '../../../../collector/ingest/ingest.ts'
import { systemClock } from '../../../../common/clock.ts'
import { labelSet } from '../../../../common/series/label-set.ts'
import { createRemoteWriteEncoder } from '../../../../common/wire/remote-write-encode.ts'
import { newRequest } from '../../fleet/trust-lab.ts'
import { createRecordingStore } from '../../ingest/recording-store.ts'
import { bearer, joinedAgent, startTrustingServer } from './trusting.ts'

const day = 86_400_000
const loopback = { host: '127.0.0.1', port: 0 }

async function startTlsServer(parts: Parameters<typeof startTrustingServer>[0] = {}) {
  const lab = await startTrustingServer(parts)
  const { authority, clock } = lab
  const server = await authority.issueServer(['localhost', '127.0.0.1'], clock.now())
  const material = { ...server, clientCa: authority.certificate }
  const { url } = await lab.server.listenTls(loopback, material)
  /** Each on a connection of its own. */
  const ask = async (path: string, options: RequestOptions = {}, body?: string | Uint8Array) => {
    const request = httpsRequest(`${url}${path}`, { ca: authority.certificate, agent: false, ...options })
    const answered = once(request, 'response')
    request.end(body)
    const [response] = (await answered) as [IncomingMessage]
    return { status: response.statusCode ?? 0, body: await text(response) }
  }
  return { ...lab, url, port: Number(new URL(url).port), ask, material }
}

interface Credentials {
  readonly cert: string
  readonly key: string
}

/** Opens an agent's channel; `outcome` is "open", or why it did not. */
async function openChannel(
  { url, authority }: Awaited<ReturnType<typeof startTlsServer>>,
  credentials: Credentials,
) {
  const agent = new Agent({ ca: authority.certificate, ...credentials })
  const socket = new WebSocket(`${url.replace('https', 'wss')}/api/v1/agent/channel`, { agent })
  let isOpen = false
  const closed = Promise.withResolvers<readonly [number, string]>()
  const outcome = Promise.withResolvers<string>()
  socket.on('open', () => {
    isOpen = true
    outcome.resolve('open')
  })
  socket.on('error', (error) => outcome.resolve(error.message))
  socket.on('close', (code, reason) => {
    isOpen = false
    closed.resolve([code, reason.toString()])
  })
  return { socket, closed: closed.promise, outcome: await outcome.promise, isOpen: () => isOpen }
}

/** Writing is what agents do. */
const write = { method: 'POST', headers: { 'content-type': 'application/x-protobuf' } } as const

test('a token is taken over TLS, and a person on the network without one is nobody', async () => {
  const { ask, tokenOf } = await startTlsServer({ anonymousRole: 'admin' })
  expect((await ask('/api/v1/nodes', { headers: bearer(await tokenOf('viewer')) })).status).toBe(200)
  // The role of those without a token is for the plain listener.
  expect((await ask('/api/v1/nodes')).status).toBe(401)
})

test.each(['TLSv1', 'TLSv1.1'] as const)('%s is not spoken, and that is counted', async (version) => {
  const { port, authority, server, tokenOf } = await startTlsServer()
  const socket = connectTls({
    port,
    ca: authority.certificate,
    minVersion: version,
    maxVersion: version,
    ciphers: 'DEFAULT@SECLEVEL=0',
  })
  await once(socket, 'error')
  const metrics = await server.inject({ url: '/metrics', headers: bearer(await tokenOf('viewer')) })
  expect(metrics.body).toContain('pgherd_collector_http_tls_handshake_failures_total 1')
})

test('an agent writes and holds its channel by its certificate, and reads nothing', async () => {
  const lab = await startTlsServer()
  const agent = await joinedAgent(lab)
  expect((await lab.ask('/api/v1/write', { ...write, ...agent })).status).toBe(204)
  const read = await lab.ask('/api/v1/query?query=1', agent)
  expect(read.status).toBe(403)
  expect(read.body).toContain('this needs the role viewer; pg-main-1 is an agent')
  expect((await lab.ask('/api/v1/import', { ...write, ...agent })).status).toBe(403)
})

/** A collector that takes samples in as a whole: of agents only what is theirs. */
async function startIngesting() {
  const store = createRecordingStore()
  const events: NewEvent[] = []
  const fleet: { isEnrolled: (node: string) => boolean } = { isEnrolled: () => false }
  const insert = insertService(createIngest(store.options), {
    rights: agentRights({ isEnrolled: (node) => fleet.isEnrolled(node) }, false),
    clock: systemClock,
    add: (event) => events.push(event),
  })
  const lab = await startTlsServer({ insert })
  fleet.isEnrolled = (node) => lab.fleet.certificates.isEnrolled(node)
  const send = (credentials: Credentials, ...nodes: readonly string[]) => {
    const series = nodes.map((ins) => labelSet({ __name__: 'up', cls: 'pg-main', ins }))
    const values = new Float64Array(nodes.length)
    const { body } = createRemoteWriteEncoder().encode({ timestampMs: 1, series, values }).bodies[0]!
    const headers = { ...write.headers, 'content-encoding': 'snappy' }
    return lab.ask('/api/v1/write', { ...write, headers, ...credentials }, body)
  }
  const stored = () => store.appends.flat().map(({ metric }) => metric)
  return { ...lab, events, send, stored }
}

test('series of another node are refused to an agent on its own connection, and the rest is stored', async () => {
  const lab = await startIngesting()
  const [agent, other] = [await joinedAgent(lab), await joinedAgent(lab, 'pg-main-2')]
  const answer = await lab.send(agent, 'pg-main-1', 'pg-main-2', 'pg-main-3')
  expect(answer.status).toBe(400)
  expect(answer.body).toMatch(/\b1 series\b/)
  // Nobody is called pg-main-3: it is a server that the agent measures from afar.
  expect(lab.stored()).toEqual([
    '__name__ up cls pg-main ins pg-main-1',
    '__name__ up cls pg-main ins pg-main-3',
  ])
  expect(lab.events).toMatchObject([{ type: 'samples-refused', node: 'pg-main-1' }])
  expect((await lab.send(other, 'pg-main-2')).status).toBe(204)
})

test('the series of a node are free for others as soon as it is revoked', async () => {
  const lab = await startIngesting()
  const agent = await joinedAgent(lab)
  await joinedAgent(lab, 'pg-main-2')
  expect((await lab.send(agent, 'pg-main-2')).status).toBe(400)
  await lab.enrolment.revoke('pg-main-2', '', 'test')
  expect((await lab.send(agent, 'pg-main-2')).status).toBe(204)
})

test('an agent renews its certificate, and the new one counts', async () => {
  const lab = await startTlsServer()
  const agent = await joinedAgent(lab)
  const { csr, key } = await newRequest()
  const options = { method: 'POST', headers: { 'content-type': 'application/json' }, ...agent }
  const renewed = await lab.ask('/api/v1/agent/renew', options, JSON.stringify({ csr }))
  expect(renewed.status).toBe(200)
  const { data } = JSON.parse(renewed.body) as { data: { certificate: string; node: string } }
  expect(data.node).toBe('pg-main-1')
  expect((await lab.ask('/api/v1/write', { ...write, cert: data.certificate, key })).status).toBe(204)
})

test.each<[string, string, (lab: Awaited<ReturnType<typeof startTlsServer>>) => Promise<ConnectionOptions>]>([
  [
    'that has expired',
    'the certificate has expired',
    async ({ authority, clock }) => {
      const { key, publicKey } = await newRequest()
      const { certificate } = await authority.issueAgent('pg-main-1', publicKey, clock.now() - 91 * day)
      return { key, cert: certificate }
    },
  ],
  [
    'that is not valid yet',
    'the certificate is not valid yet',
    async ({ authority, clock }) => {
      const { key, publicKey } = await newRequest()
      const { certificate } = await authority.issueAgent('pg-main-1', publicKey, clock.now() + day)
      return { key, cert: certificate }
    },
  ],
  [
    'of another fleet',
    'the certificate is not of this fleet',
    async ({ clock }) => {
      const { key, publicKey } = await newRequest()
      const foreign = openAuthority(await createAuthority(clock.now()))
      const { certificate } = await foreign.issueAgent('pg-main-1', publicKey, clock.now())
      return { key, cert: certificate }
    },
  ],
  [
    'that the collector has not given',
    'not one that this collector has given',
    async ({ authority, clock }) => {
      const { key, publicKey } = await newRequest()
      const { certificate } = await authority.issueAgent('pg-main-1', publicKey, clock.now())
      return { key, cert: certificate }
    },
  ],
  [
    'of the collector itself',
    'the certificate is not of this fleet',
    ({ material }) => Promise.resolve({ key: material.key, cert: material.certificate }),
  ],
  [
    'that has been revoked',
    'the certificate has been revoked',
    async (lab) => {
      const agent = await joinedAgent(lab)
      await lab.enrolment.revoke('pg-main-1', '', 'test')
      return agent
    },
  ],
])('a certificate %s is refused with that reason', async (_, reason, make) => {
  const lab = await startTlsServer()
  const answer = await lab.ask('/api/v1/write', { ...write, ...(await make(lab)) })
  expect(answer.status).toBe(401)
  expect(answer.body).toContain(reason)
  expect(await lab.failures()).toEqual({ certificate: 1 })
})

test('a connection that is kept open ends its right to write with its certificate, or with the clock', async () => {
  const lab = await startTlsServer()
  const agent = await joinedAgent(lab)
  const socket = connectTls({ port: lab.port, ca: lab.authority.certificate, ...agent })
  const answers: string[] = []
  socket.on('data', (data: Buffer) => answers.push(data.toString()))
  const ask = async (status: number) => {
    const before = answers.length
    socket.write('POST /api/v1/write HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n')
    await vi.waitFor(() => expect(answers.slice(before).join('')).toContain(`HTTP/1.1 ${status}`))
  }
  await ask(204)
  lab.clock.step(-2 * day)
  await ask(401)
  socket.destroy()
  expect(answers.join('')).toContain('the certificate is not valid yet')
})

test('the channel of a node is closed at once when it is revoked, and not opened again', async () => {
  const sockets: ChannelSocket[] = []
  const lab = await startTlsServer({ acceptChannel: (socket) => void sockets.push(socket) })
  const agent = await joinedAgent(lab)
  const other = await joinedAgent(lab, 'pg-main-2')
  const open = (credentials: Credentials) => openChannel(lab, credentials)
  const [first, second] = [await open(agent), await open(other)]
  expect([first.outcome, second.outcome]).toEqual(['open', 'open'])
  expect(sockets.map(({ node }) => node)).toEqual(['pg-main-1', 'pg-main-2'])
  await lab.enrolment.revoke('pg-main-1', '', 'test')
  expect(await first.closed).toEqual([1008, 'the certificate has been revoked'])
  expect(second.isOpen()).toBe(true)
  expect((await open(agent)).outcome).toContain('401')
  second.socket.terminate()
})

test('what an agent says after its certificate has ended is not heard', async () => {
  const heard: string[] = []
  const lab = await startTlsServer({ acceptChannel: (socket) => socket.onText((said) => heard.push(said)) })
  const agent = await joinedAgent(lab)
  const { socket, closed } = await openChannel(lab, agent)
  socket.send('first')
  await vi.waitFor(() => expect(heard).toEqual(['first']))
  lab.clock.step(91 * day)
  socket.send('second')
  expect(await closed).toEqual([1008, 'the certificate has expired: join again'])
  expect(heard).toEqual(['first'])
})

test('the channel of an agent that says nothing is closed when its certificate ends', async () => {
  const lab = await startTlsServer({ acceptChannel: () => undefined })
  const { closed } = await openChannel(lab, await joinedAgent(lab))
  lab.clock.step(91 * day)
  expect(await closed).toEqual([1008, 'the certificate has expired: join again'])
})

test('a renewed certificate of the listener is shown to connections to come', async () => {
  const lab = await startTlsServer()
  const serial = async (): Promise<string> => {
    const socket = connectTls({ port: lab.port, host: '127.0.0.1', ca: lab.authority.certificate })
    await once(socket, 'secureConnect')
    const { serialNumber } = socket.getPeerCertificate()
    socket.destroy()
    return serialNumber
  }
  const before = await serial()
  const next = await lab.authority.issueServer(['127.0.0.1'], lab.clock.now())
  lab.server.replaceCertificate({ ...next, clientCa: lab.authority.certificate })
  expect(await serial()).not.toBe(before)
  expect((await lab.ask('/api/v1/write', { ...write, ...(await joinedAgent(lab)) })).status).toBe(204)
})

test('the limit of connections is one for both listeners, and counts those that only begin TLS', async () => {
  const { server, port } = await startTlsServer({ limits: { connections: 2 } })
  const plain = await server.listen(loopback)
  const plainPort = Number(new URL(plain.url).port)
  const silent = [connect(port, '127.0.0.1'), connect(plainPort, '127.0.0.1')]
  await Promise.all(silent.map((socket) => once(socket, 'connect')))
  for (const one of [port, plainPort]) {
    const socket = connect(one, '127.0.0.1').on('error', () => undefined)
    await once(socket, 'close')
  }
  for (const socket of silent) socket.destroy()
  await vi.waitFor(async () => expect((await fetch(`${plain.url}/health`)).status).toBe(200))
})

test('a Host that is not ours is refused over TLS as well', async () => {
  const { ask, tokenOf } = await startTlsServer()
  const headers = { ...bearer(await tokenOf('viewer')), host: 'evil.example' }
  expect((await ask('/api/v1/nodes', { headers, servername: 'localhost' })).status).toBe(403)
})

test.each([
  ['that has not begun TLS', (port: number) => connect(port, '127.0.0.1')],
  ['that has not asked for anything', (port: number) => connectTls({ port, rejectUnauthorized: false })],
])('a connection %s does not hold up the end of the server', async (_, open) => {
  // A grace period that would fail the test by its time.
  const { server, port } = await startTlsServer({ limits: { closeGraceMs: 600_000 } })
  const socket = open(port)
  await once(socket, socket instanceof TLSSocket ? 'secureConnect' : 'connect')
  const closed = once(socket, 'close')
  socket.on('error', () => undefined).resume()
  await server[Symbol.asyncDispose]()
  await closed
})
