import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { waitFor } from '../../testbed/wait.ts'
import { startHerd } from './herd.ts'

const request = z.object({
  resourceSpans: z.array(
    z.object({ scopeSpans: z.array(z.object({ spans: z.array(z.object({ name: z.string() })) })) }),
  ),
})

test('with a receiver configured, the agent tells how long each scrape, probe and push takes', async () => {
  const seen = new Set<string>()
  // No receiver of traces comes with Debian: this one takes what OTLP/HTTP sends as JSON.
  const receiver = createServer((incoming, answer) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const { resourceSpans } = request.parse(JSON.parse(Buffer.concat(chunks).toString()))
      for (const { scopeSpans } of resourceSpans) {
        for (const { spans } of scopeSpans) for (const { name } of spans) seen.add(name)
      }
      answer.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  onTestFinished(() => {
    receiver.closeAllConnections()
    receiver.close()
  })
  const { port } = receiver.address() as AddressInfo
  await using herd = await startHerd({
    agent: { 'tracing.endpoint': `http://127.0.0.1:${port}/v1/traces` },
  })
  await waitFor(
    'all three kinds of spans',
    () => ['scrape', 'probe', 'push'].every((name) => seen.has(name)),
    {
      timeoutMs: 20_000,
      explain: () => `${[...seen].join()} ${herd.agent.logTail(5)}`,
    },
  )
  expect(await herd.agent.stop()).toBe(0)
})
