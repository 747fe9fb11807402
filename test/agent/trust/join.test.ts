import { X509Certificate, createPrivateKey } from 'node:crypto'
import { mkdtempDisposable, readFile, readdir, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readCredentials } from '../../../agent/trust/credential-files.ts'
import { join } from '../../../agent/trust/join.ts'
import { startProxy } from '../connect-proxy.ts'
import { openFleetServer } from './fleet-server.ts'

const node = 'pg-main-1'
const newDirectory = () => mkdtempDisposable(joinPath(tmpdir(), 'pgherd-join-'))

describe('joining', () => {
  test('leaves a key that only its owner reads, a certificate for it, and the authority', async () => {
    await using server = await openFleetServer(node)
    await using temporary = await newDirectory()
    const directory = joinPath(temporary.path, 'tls')

    await join({ url: server.url, token: server.token, node, directory, timeoutMs: 5_000 })

    const own = await readFile(joinPath(directory, 'agent.pem'), 'utf8')
    expect((await stat(joinPath(directory, 'agent.pem'))).mode & 0o777).toBe(0o600)
    expect(new X509Certificate(own).checkPrivateKey(createPrivateKey(own))).toBe(true)
    expect(server.isIssuedByUs(own)).toBe(true)
    expect(await readdir(directory)).toEqual(['agent.pem', 'ca.pem', 'joins.jsonl'])
    expect(await readCredentials(directory)).toMatchObject({ node })
  })

  test('the key is in no request', async () => {
    await using server = await openFleetServer(node)
    await using directory = await newDirectory()

    await join({ url: server.url, token: server.token, node, directory: directory.path, timeoutMs: 5_000 })

    const own = await readFile(joinPath(directory.path, 'agent.pem'), 'utf8')
    const secret = own.split('\n')[1]!
    expect(secret.length).toBe(64)
    expect(JSON.stringify(server.questions)).not.toContain(secret)
  })

  test('says nothing to a server with another authority, not even the token', async () => {
    await using server = await openFleetServer(node)
    await using directory = await newDirectory()

    await expect(
      join({
        url: server.url,
        token: server.foreignToken,
        node,
        directory: directory.path,
        timeoutMs: 5_000,
      }),
    ).rejects.toMatchObject({ code: 'REFUSED' })
    expect(server.questions).toEqual([])
    expect(await readdir(directory.path)).toEqual([])
  })

  test('goes through a proxy from its first connection on', async () => {
    await using server = await openFleetServer(node)
    await using directory = await newDirectory()
    const proxy = await startProxy('secret')
    const ask = (url: string) =>
      join({
        url: server.url,
        token: server.token,
        node,
        directory: directory.path,
        timeoutMs: 5_000,
        proxy: { url },
      })

    await expect(ask(`http://agent:wrong@${proxy.at}`)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringMatching(/407/) as string,
    })
    expect(server.questions).toEqual([])
    await ask(`http://agent:secret@${proxy.at}`)

    const { host } = new URL(server.url)
    expect(proxy.asked).toEqual([host, host, host])
    expect(await readCredentials(directory.path)).toMatchObject({ node })
  })

  test.each([
    ['accepts', ''],
    ['promises a connection', 'HTTP/1.1 200 Connection established\r\n\r\n'],
  ])('a proxy that %s and says nothing more ends at the deadline', async (_what, answer) => {
    await using server = await openFleetServer(node)
    await using silent = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => void socket.write(answer))
    })
    await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    await expect(
      join({
        url: server.url,
        token: server.token,
        node,
        directory: '/nonexistent',
        timeoutMs: 200,
        proxy: { url: `http://127.0.0.1:${port}` },
      }),
    ).rejects.toMatchObject({ code: 'TIMED_OUT' })
  })

  test('a repeat after a lost answer brings the same key', async () => {
    await using server = await openFleetServer(node)
    await using directory = await newDirectory()
    const ask = () =>
      join({ url: server.url, token: server.token, node, directory: directory.path, timeoutMs: 5_000 })
    server.behaviour.lose = true
    await expect(ask()).rejects.toMatchObject({ code: 'UNREACHABLE' })
    const kept = await readFile(joinPath(directory.path, 'joining.key'), 'utf8')
    server.behaviour.lose = false

    await ask()

    expect(await readFile(joinPath(directory.path, 'agent.pem'), 'utf8')).toContain(kept)
    expect(await readdir(directory.path)).toEqual(['agent.pem', 'ca.pem', 'joins.jsonl'])
  })

  test("tells the collector's reason for a refusal", async () => {
    await using server = await openFleetServer(node)
    await using directory = await newDirectory()
    server.behaviour.refuse = 'the join token has expired'

    await expect(
      join({ url: server.url, token: server.token, node, directory: directory.path, timeoutMs: 5_000 }),
    ).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('the join token has expired') as string,
    })
  })

  test('takes no certificate that is for another node', async () => {
    await using server = await openFleetServer('pg-other-1')
    await using directory = await newDirectory()

    await expect(
      join({ url: server.url, token: server.token, node, directory: directory.path, timeoutMs: 5_000 }),
    ).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('pg-other-1') as string })
    expect(await readCredentials(directory.path)).toBeUndefined()
  })

  test.each(['http://127.0.0.1:1', 'collector', ''])('%o is no URL to join at', async (url) => {
    await using server = await openFleetServer(node)
    await expect(
      join({ url, token: server.token, node, directory: '/nonexistent', timeoutMs: 5_000 }),
    ).rejects.toMatchObject({ code: 'USAGE' })
  })

  test('a token that was cut when it was copied is said to be no whole one', async () => {
    await using server = await openFleetServer(node)
    const token = server.token.slice(0, -3)
    await expect(
      join({ url: server.url, token, node, directory: '/nonexistent', timeoutMs: 5_000 }),
    ).rejects.toMatchObject({ code: 'USAGE' })
  })

  test('a server that accepts and says nothing ends at the deadline', async () => {
    await using fleet = await openFleetServer(node)
    await using silent = createServer((socket) => void socket.resume())
    await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    await expect(
      join({
        url: `https://127.0.0.1:${port}`,
        token: fleet.token,
        node,
        directory: '/nonexistent',
        timeoutMs: 200,
      }),
    ).rejects.toMatchObject({ code: 'TIMED_OUT' })
  })
})
