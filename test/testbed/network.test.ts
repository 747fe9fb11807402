import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startBlackhole } from '../../testbed/blackhole.ts'
import { freePorts, obstacleAtPort } from '../../testbed/ports.ts'
import { waitFor } from '../../testbed/wait.ts'
import { startWebhook } from '../../testbed/webhook.ts'

describe('ports', () => {
  test('free ports are different and can be listened on', async () => {
    const ports = await freePorts(20)
    expect(new Set(ports).size).toBe(20)
    for (const port of ports) expect(await obstacleAtPort(port)).toBeUndefined()
  })

  test('a port that is listened on is not free', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    expect(await obstacleAtPort((server.address() as AddressInfo).port)).toBe('EADDRINUSE')
  })
})

test('a black hole accepts, takes what is sent and never answers', async () => {
  await using hole = await startBlackhole()
  const socket = connect(hole.port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let answered = 0
  socket.on('data', () => answered++)
  await once(socket, 'connect')
  await new Promise((done) => socket.write('hello?', done))
  await waitFor('the connection', () => hole.accepted === 1)
  await expect(fetch(`http://127.0.0.1:${hole.port}/`, { signal: AbortSignal.timeout(50) })).rejects.toThrow(
    'timeout',
  )
  expect(answered).toBe(0)
  expect(hole.accepted).toBe(2)
})

test('a webhook keeps what is posted to it', async () => {
  await using webhook = await startWebhook()
  await fetch(webhook.url, { method: 'POST', body: '{"a":1}' })
  await fetch(webhook.url, { method: 'POST', body: '{"a":2}' })
  expect(webhook.received).toEqual([{ a: 1 }, { a: 2 }])
})
