import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import { noTracer } from '../../common/tracer.ts'
import { createTracing } from '../../common/tracing.ts'
import { startBlackhole } from '../../testbed/blackhole.ts'

const attribute = z.object({
  key: z.string(),
  value: z.object({ stringValue: z.string().optional(), intValue: z.number().optional() }),
})
const span = z.object({
  name: z.string(),
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes: z.array(attribute),
  status: z.object({ code: z.number(), message: z.string().optional() }),
})
/** ExportTraceServiceRequest of opentelemetry-proto in its JSON form. */
const exported = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: z.array(attribute) }),
      scopeSpans: z.array(z.object({ spans: z.array(span) })),
    }),
  ),
})

/** The receiving end of OTLP over HTTP; Debian has no OpenTelemetry collector to test against. */
async function startReceiver() {
  const requests: z.infer<typeof exported>[] = []
  const server = createServer((request, response) => {
    void request.toArray().then((parts: Buffer[]) => {
      requests.push(exported.parse(JSON.parse(Buffer.concat(parts).toString())))
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    requests,
    spans: () =>
      requests.flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
      ),
  }
}

function start(endpoint: string | undefined) {
  return createTracing({ endpoint, service: 'pgherd-agent', instance: 'pg-test-1', clock: systemClock })
}

test('spans arrive with their attributes, their parent and the name of the service', async () => {
  const receiver = await startReceiver()
  {
    await using tracing = await start(receiver.endpoint)
    const { tracer } = tracing
    const answer = await tracer.span('scrape', { job: 'pgsql' }, () =>
      tracer.span('probe', { rows: 3 }, () => Promise.resolve(42)),
    )
    expect(answer).toBe(42)
  }
  const [probe, scrape] = receiver.spans()
  expect(probe).toMatchObject({
    name: 'probe',
    parentSpanId: scrape?.spanId,
    traceId: scrape?.traceId,
    attributes: [{ key: 'rows', value: { intValue: 3 } }],
  })
  expect(scrape).toMatchObject({
    name: 'scrape',
    attributes: [{ key: 'job', value: { stringValue: 'pgsql' } }],
  })
  expect(scrape?.parentSpanId ?? '').toBe('')
  // Each span adds its own duration to its own start: they agree within the drift of two clocks.
  expect(BigInt(scrape!.endTimeUnixNano) + 5_000_000n).toBeGreaterThanOrEqual(BigInt(probe!.endTimeUnixNano))
  expect(receiver.requests[0]?.resourceSpans[0]?.resource.attributes).toEqual(
    expect.arrayContaining([
      { key: 'service.name', value: { stringValue: 'pgherd-agent' } },
      { key: 'service.instance.id', value: { stringValue: 'pg-test-1' } },
    ]),
  )
})

test('work that fails fails as it would without a span, and the span says why', async () => {
  const receiver = await startReceiver()
  {
    await using tracing = await start(receiver.endpoint)
    const failure = new PgherdError('TIMED_OUT', 'no answer within 8 s')
    await expect(tracing.tracer.span('probe', {}, () => Promise.reject(failure))).rejects.toBe(failure)
  }
  expect(receiver.spans()[0]).toMatchObject({
    status: { code: 2, message: 'no answer within 8 s' },
    attributes: [{ key: 'error.type', value: { stringValue: 'TIMED_OUT' } }],
  })
})

test('spans that run at the same time are not each other’s children', async () => {
  const receiver = await startReceiver()
  {
    await using tracing = await start(receiver.endpoint)
    const work = () => new Promise<void>((resolve) => setImmediate(resolve))
    await Promise.all(['a', 'b', 'c'].map((name) => tracing.tracer.span(name, {}, work)))
  }
  expect(receiver.spans().map(({ parentSpanId }) => parentSpanId ?? '')).toEqual(['', '', ''])
})

test('without an endpoint there is nothing but the work', async () => {
  await using tracing = await start(undefined)
  expect(tracing.tracer).toBe(noTracer)
  await expect(tracing.tracer.span('probe', {}, () => Promise.resolve('done'))).resolves.toBe('done')
})

test.each(['hangs', 'is not there'])(
  'a receiver that %s holds up neither the work nor the end',
  async (how) => {
    await using blackhole = await startBlackhole()
    const startedMs = performance.now()
    const port = how === 'hangs' ? blackhole.port : 1
    const program = fileURLToPath(new URL('tracing-child.ts', import.meta.url))
    const child = spawn(process.execPath, [program, `http://127.0.0.1:${port}/v1/traces`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let errors = ''
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()))
    const exited = once(child, 'exit')
    let output = ''
    for await (const data of child.stdout as AsyncIterable<Buffer>) output += data.toString()
    expect(await exited).toEqual([0, null])
    expect(output).toBe('worked\nended\n')
    expect(errors).toBe('')
    // The flush of the child takes 0.3 s, and nothing lives longer than one request, 3 s.
    expect(performance.now() - startedMs).toBeLessThan(10_000)
  },
  15_000,
)
