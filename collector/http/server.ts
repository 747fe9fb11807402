import { duplexPair } from 'node:stream'
import type { Duplex } from 'node:stream'
import fastifyWebsocket from '@fastify/websocket'
import fastify from 'fastify'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { channelMaxBytes, channelPath } from '../../common/wire/channel.ts'
import { addAdminApi, addDeleteApi } from './admin-api.ts'
import { createAnswerBudget } from './answer-budget.ts'
import type { ApiContext } from './api-context.ts'
import { createOpenRequests } from './auth/open-requests.ts'
import { createRefusals } from './auth/refusals.ts'
import { requireRole } from './auth/require-role.ts'
import { addBodyDeadline } from './body-deadline.ts'
import { answerClientError } from './client-error.ts'
import { closeGracefully } from './close-gracefully.ts'
import { compressAnswers } from './compress-answers.ts'
import { defaultLimits } from './dependencies.ts'
import type { HttpDependencies } from './dependencies.ts'
import { answerError } from './error-answer.ts'
import { createHttpMetrics } from './http-metrics.ts'
import { tooManyImports } from './import-body.ts'
import { addForeignInsertApi, addInsertApi } from './insert-api.ts'
import { createListeners } from './listeners.ts'
import type { ListenAddress, TlsMaterial } from './listeners.ts'
import { mountRoles } from './mounts.ts'
import type { Mount } from './mounts.ts'
import { namedScope } from './named-scope.ts'
import { addNotFound } from './not-found.ts'
import { createQueryGate } from './query-gate.ts'
import { createQueryLog } from './query-log.ts'
import { addReaderConstraint } from './reader-constraint.ts'
import { createRouteTable } from './route-table.ts'
import type { Route } from './route-table.ts'
import { addRootApi } from './root-api.ts'
import { requireOwnHost } from './own-host.ts'
import { addSecurityHeaders, securityHeaders } from './security-headers.ts'
import { addSelectApi } from './select-api.ts'
import { cutSlowReaders } from './slow-readers.ts'
import { cutSlowSenders } from './slow-senders.ts'
import { addWebPage } from './routes/web-page.ts'
import { splitUrl } from './split-url.ts'
import { createRoomGate } from './room-gate.ts'
import { tooManyWrites } from './whole-body.ts'
import { withoutSchemas } from './without-schemas.ts'

export interface HttpServer extends AsyncDisposable {
  /**
   * Without TLS, for loopback and Unix sockets.
   * @returns the URL under which the server is reached; port 0 lets the kernel choose
   * @throws PgherdError PORT_TAKEN, or CONFIG_INVALID for what cannot be listened on
   */
  listen(address: ListenAddress): Promise<{ readonly url: string }>
  /** The same with TLS. */
  listenTls(
    address: { readonly host: string; readonly port: number },
    material: TlsMaterial,
  ): Promise<{ readonly url: string }>
  /** @returns the client's end of a connection within the process, which no listener and no limit of connections sees */
  connect(): Duplex
  /** For connections to come. */
  replaceCertificate(material: TlsMaterial): void
  /** Handles a request without a socket, for tests. */
  inject(request: InjectOptions): Promise<LightMyRequestResponse>
  /** Everything that is answered; the API's description is checked against it. */
  routes(): readonly Route[]
}

/**
 * The collector's HTTP API, its agents' WebSockets and its web page. Disposing lets requests in flight end within
 * the grace period, closes the channels and frees the port.
 */
export async function createHttpServer(deps: HttpDependencies): Promise<HttpServer> {
  const limits = { ...defaultLimits, ...deps.limits }
  const gate = createQueryGate({
    clock: deps.clock,
    maxRunning: limits.concurrentQueries,
    maxWaiting: limits.waitingQueries,
    maxWaitMs: limits.maxWaitMs,
  })
  const exportGate = createQueryGate({
    clock: deps.clock,
    maxRunning: limits.concurrentExports,
    maxWaiting: limits.waitingQueries,
    maxWaitMs: limits.maxWaitMs,
  })
  const writeGate = createRoomGate({
    clock: deps.clock,
    room: limits.writingBytes,
    maxWaiting: limits.waitingWrites,
    maxWaitMs: limits.maxWaitMs,
    full: () => tooManyWrites(limits.writingBytes),
  })
  const importGate = createRoomGate({
    clock: deps.clock,
    room: limits.concurrentImports,
    maxWaiting: limits.waitingQueries,
    maxWaitMs: limits.maxWaitMs,
    full: () => tooManyImports(limits.concurrentImports),
  })
  const budget = createAnswerBudget(limits)
  const metrics = createHttpMetrics(deps.registry, { gate, writeGate, budget })
  const closed = new AbortController()
  const slowWriters = cutSlowSenders(
    writeGate,
    { clock: deps.clock, onCut: () => metrics.countSlowSender() },
    closed.signal,
  )
  const context: ApiContext = {
    deps,
    refusals: createRefusals({
      clock: deps.clock,
      log: deps.log,
      onRefused: (reason) => metrics.countRefused(reason),
    }),
    openRequests: createOpenRequests(deps, closed.signal),
    limits,
    gate,
    writeGate,
    slowWriters,
    importGate,
    exportGate,
    metrics,
    queryLog: createQueryLog(deps.clock),
    budget,
  }
  const app = fastify({
    bodyLimit: limits.queryBodyBytes,
    schemaController: withoutSchemas,
    forceCloseConnections: 'idle',
    // Every route is there once, whatever the prefixes under which it is reached.
    rewriteUrl: ({ url }) => splitUrl(url ?? '/').rest,
    clientErrorHandler: answerClientError,
    // Names of nodes and labels stand in paths; the head of a request is bounded as a whole.
    routerOptions: { maxParamLength: limits.headerBytes },
    frameworkErrors: (error, request, reply) => {
      // A path that cannot be decoded: no hook has run for it.
      void reply.headers(securityHeaders)
      answerError(deps.log, error, request, reply)
    },
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: Math.min(15_000, limits.requestTimeoutMs),
      // Clients offer HTTP/2 with any request (Java's, curl --http2): what is not taken up is to be ignored.
      shouldUpgradeCallback: ({ headers, url = '' }) =>
        headers.upgrade?.toLowerCase() === 'websocket' && url.split('?', 1)[0] === channelPath,
    },
  })
  const table = createRouteTable()
  const listeners = createListeners(app.server, {
    maxConnections: limits.connections,
    proxies: deps.proxies ?? [],
    onRefused: (reason) => metrics.countRefusedConnection(reason),
    handshakeMs: Math.min(10_000, limits.requestTimeoutMs),
    onHandshakeFailed: () => metrics.countHandshakeFailure(),
  })
  addSecurityHeaders(app)
  addReaderConstraint(app)
  requireOwnHost(app, deps.log, deps.hostNames ?? [])
  addBodyDeadline(app, deps.clock, limits.requestTimeoutMs, closed.signal)
  compressAnswers(app)
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown'
    context.metrics.observe(request.method, route, reply.statusCode, reply.elapsedTime / 1000)
    done()
  })
  app.setErrorHandler((error, request, reply) => answerError(deps.log, error, request, reply))
  addNotFound(app, deps.log, table)
  const { refusals, openRequests } = context
  requireRole(app, { auth: deps.auth, clock: deps.clock, refusals, openRequests })
  const close = closeGracefully(app, listeners, deps.clock, limits.closeGraceMs)
  app.register(fastifyWebsocket, { options: { maxPayload: channelMaxBytes } })
  const add = (mount: Mount, routes: (scope: FastifyInstance, context: ApiContext) => void): void => {
    const scope = namedScope(mount, (mounted, _options, done) => {
      table.watch(mounted, mount, mountRoles[mount])
      routes(mounted, context)
      done()
    })
    app.register(scope)
  }
  add('root', addRootApi)
  add('page', addWebPage)
  add('insert', addInsertApi)
  add('foreignInsert', addForeignInsertApi)
  add('select', addSelectApi)
  add('admin', addAdminApi)
  add('delete', addDeleteApi)
  const sweep = cutSlowReaders(
    app.server,
    { clock: deps.clock, stallMs: limits.sendStallMs, onCut: () => metrics.countCut() },
    closed.signal,
  )
  await app.ready()

  return {
    inject: (request) => app.inject(request),
    listen: (address) => listeners.listenPlain(address),
    listenTls: (address, material) => listeners.listenTls(address, material),
    connect() {
      const [ours, theirs] = duplexPair()
      app.server.emit('connection', ours)
      return theirs
    },
    replaceCertificate: (material) => listeners.replaceCertificate(material),
    routes: () => table.routes(),
    async [Symbol.asyncDispose]() {
      await close()
      closed.abort()
      await sweep
    },
  }
}
