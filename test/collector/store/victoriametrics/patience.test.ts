import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { withPatience } from '../../../../collector/store/victoriametrics/patience.ts'
import { createHttpClient } from '../../../../common/http-client.ts'

async function ask(listener: RequestListener, maxSilenceMs: number, signal?: AbortSignal) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = createHttpClient()
  onTestFinished(() => {
    client[Symbol.dispose]()
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return withPatience(maxSilenceMs, signal, (whileWanted) =>
    client.stream({ method: 'GET', url, timeoutMs: 60_000, signal: whileWanted }),
  )
}

async function textOf(body: AsyncIterable<Uint8Array>, pauseMs = 0): Promise<string> {
  let text = ''
  for await (const part of body) {
    await sleep(pauseMs)
    text += Buffer.from(part).toString()
  }
  return text
}

test('a server that does not answer is not waited for', async () => {
  await expect(ask(() => undefined, 50)).rejects.toMatchObject({
    code: 'TIMED_OUT',
    message: 'VictoriaMetrics has sent nothing for 50 ms',
  })
})

test('nor is one that falls silent in the middle', async () => {
  const { body } = await ask((_, response) => void response.writeHead(200).write('a'), 500)
  await expect(textOf(body)).rejects.toMatchObject({
    code: 'TIMED_OUT',
    message: 'VictoriaMetrics has sent nothing for 500 ms',
  })
})

test('a reader may take its time', async () => {
  const { body } = await ask((_, response) => {
    response.writeHead(200).write('a')
    setTimeout(() => response.end('b'), 1)
  }, 500)
  expect(await textOf(body, 550)).toBe('ab')
})

test('an end that was asked for is CANCELLED', async () => {
  await expect(ask(() => undefined, 50, AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' })
})
