import { AsyncLocalStorage } from 'node:async_hooks'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { Socket } from 'node:net'
import type { Context } from '@opentelemetry/api'
import type { Clock } from './clock.ts'
import { withinDeadline } from './deadline.ts'
import { PgherdError, messageOf } from './errors.ts'
import { noTracer } from './tracer.ts'
import type { Tracer } from './tracer.ts'
import { version } from './version.ts'

export interface Tracing extends AsyncDisposable {
  readonly tracer: Tracer
}

export interface TracingOptions {
  /** The whole URL of a receiver of OTLP over HTTP, such as http://127.0.0.1:4318/v1/traces; none, no tracing. */
  readonly endpoint: string | undefined
  /** `service.name` and `service.instance.id` of OpenTelemetry's semantic conventions. */
  readonly service: string
  readonly instance: string
  readonly clock: Clock
  /** How long the end may be put off to deliver what is queued; 2 s unless told. */
  readonly flushMs?: number
}

/** What a receiver that is away may cost: so many spans in memory, and so many requests when the end comes. */
const maxQueuedSpans = 1024
const spansPerRequest = 256
const maxSockets = maxQueuedSpans / spansPerRequest
const sendEveryMs = 5_000
const requestTimeoutMs = 3_000

/**
 * Traces to an OTLP receiver. OpenTelemetry is loaded only when there is one to send to (docs/decisions/0008). Spans
 * that a receiver does not take in time are dropped; it never holds up the work or the end of the process.
 */
export async function createTracing(options: TracingOptions): Promise<Tracing> {
  const { endpoint, clock } = options
  if (endpoint === undefined) return { tracer: noTracer, [Symbol.asyncDispose]: () => Promise.resolve() }
  const [{ ROOT_CONTEXT, SpanStatusCode, trace }, sdk, { OTLPTraceExporter }, { resourceFromAttributes }] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ])
  const agent = createUnobtrusiveAgent(endpoint)
  const exporter = new OTLPTraceExporter({
    url: endpoint,
    timeoutMillis: requestTimeoutMs,
    httpAgentOptions: () => agent,
  })
  const provider = new sdk.BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': options.service,
      'service.instance.id': options.instance,
      'service.version': version,
    }),
    spanProcessors: [
      new sdk.BatchSpanProcessor(exporter, {
        maxQueueSize: maxQueuedSpans,
        maxExportBatchSize: spansPerRequest,
        scheduledDelayMillis: sendEveryMs,
        exportTimeoutMillis: requestTimeoutMs,
      }),
    ],
  })
  const spans = provider.getTracer('pgherd', version)
  const current = new AsyncLocalStorage<Context>()

  const tracer: Tracer = {
    async span(name, attributes, work) {
      const parent = current.getStore() ?? ROOT_CONTEXT
      const span = spans.startSpan(name, { attributes }, parent)
      try {
        return await current.run(trace.setSpan(parent, span), work)
      } catch (error) {
        span.setAttribute('error.type', error instanceof PgherdError ? error.code : 'Error')
        span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) })
        throw error
      } finally {
        span.end()
      }
    },
  }
  return {
    tracer,
    async [Symbol.asyncDispose]() {
      // Its failure has nobody left to hear of it: the spans are lost, the work was done.
      await withinDeadline(
        provider.shutdown().catch(() => undefined),
        options.flushMs ?? 2_000,
        clock,
      )
      agent.destroy()
    },
  }
}

/** An agent whose connections do not keep the process from ending. */
function createUnobtrusiveAgent(endpoint: string): HttpAgent {
  const agent = new (endpoint.startsWith('https:') ? HttpsAgent : HttpAgent)({ maxSockets })
  const connect = agent.createConnection.bind(agent)
  agent.createConnection = (options, callback) => {
    const connection = connect(options, callback)
    if (connection instanceof Socket) connection.unref()
    return connection
  }
  return agent
}
