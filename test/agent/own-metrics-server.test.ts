import { expect, test } from 'vitest'
import { serveOwnMetrics } from '../../agent/own-metrics-server.ts'
import { createSelfMetrics } from '../../common/self-metrics.ts'

const anyPort = { host: '127.0.0.1', port: 0 }
const reload = (): Promise<boolean> => Promise.resolve(true)

test('the agent shows its own figures and says that it lives', async () => {
  const registry = createSelfMetrics([{ name: 'pgherd_test', help: 'x', read: () => 7 }])
  await using server = await serveOwnMetrics(anyPort, registry, reload)
  const metrics = await fetch(`${server.url}/metrics`)
  expect(metrics.headers.get('content-type')).toContain('text/plain')
  expect(await metrics.text()).toContain('pgherd_test 7')
  expect(await (await fetch(`${server.url}/health`)).text()).toBe('ok\n')
  expect((await fetch(`${server.url}/etc/passwd`)).status).toBe(404)
  expect((await fetch(`${server.url}/metrics`, { method: 'POST' })).status).toBe(405)
})

test('a port that is taken is said in one sentence', async () => {
  const registry = createSelfMetrics([])
  await using first = await serveOwnMetrics(anyPort, registry, reload)
  const port = Number(new URL(first.url).port)
  await expect(serveOwnMetrics({ host: '127.0.0.1', port }, registry, reload)).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: `another process already listens on 127.0.0.1:${port}`,
  })
})

test('a reload is asked for by POST, and says whether it was done', async () => {
  let works = true
  await using server = await serveOwnMetrics(anyPort, createSelfMetrics([]), () => Promise.resolve(works))
  const ask = async (method: string): Promise<number> =>
    (await fetch(`${server.url}/reload`, { method })).status
  expect(await ask('GET')).toBe(405)
  expect(await ask('POST')).toBe(200)
  works = false
  expect(await ask('POST')).toBe(422)
})
