import { mkdir, mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { describe, expect, test } from 'vitest'
import { credentialPaths, readCredentials } from '../../../agent/trust/credential-files.ts'
import { join } from '../../../agent/trust/join.ts'
import { renewForEver, renewalDue } from '../../../agent/trust/renew.ts'
import type { Clock } from '../../../common/clock.ts'
import { createLog } from '../../../common/log.ts'
import { createRenewingClient } from '../../../common/renewing-client.ts'
import { openFleetServer } from './fleet-server.ts'

const node = 'pg-main-1'
const day = 86_400_000

/** A clock that stands at `nowMs`; the first sleep ends the work. */
function clockAt(nowMs: number, sleeps: number[], end: () => void): Clock {
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    sleep(ms) {
      sleeps.push(ms)
      end()
      return Promise.resolve()
    },
  }
}

async function joined() {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await openFleetServer(node))
  const directory = stack.use(await mkdtempDisposable(joinPath(tmpdir(), 'pgherd-renew-'))).path
  const credentials = await join({
    url: server.url,
    token: server.token,
    node,
    directory,
    timeoutMs: 5_000,
  })
  const { caFile, certFile, keyFile } = credentialPaths(directory)
  const http = stack.use(createRenewingClient({ tls: { caFile, certFile, keyFile }, connections: 1 }))
  const end = new AbortController()
  const sleeps: number[] = []
  const opened = stack.move()
  return {
    server,
    directory,
    credentials,
    sleeps,
    runAt: (nowMs: number) =>
      renewForEver(
        {
          url: server.url,
          directory,
          http,
          clock: clockAt(nowMs, sleeps, () => end.abort()),
          log: createLog({ level: 'silent', program: 'test' }),
          onRenewed: () => undefined,
          random: () => 0,
        },
        end.signal,
      ),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

describe('a certificate', () => {
  test('is renewed with a new key after two thirds of its life, shown being the one before', async () => {
    await using fleet = await joined()
    const before = await readFile(joinPath(fleet.directory, 'agent.pem'), 'utf8')

    await fleet.runAt(fleet.credentials.validFromMs + 61 * day)

    expect(fleet.server.questions.at(-1)).toMatchObject({
      path: '/api/v1/agent/renew',
      shown: fleet.credentials.serial.toLowerCase(),
    })
    const after = await readFile(joinPath(fleet.directory, 'agent.pem'), 'utf8')
    expect(after.split('\n')[1]).not.toBe(before.split('\n')[1])
    expect((await readCredentials(fleet.directory))?.serial).not.toBe(fleet.credentials.serial)
  })

  test('is left alone before that', async () => {
    await using fleet = await joined()
    await fleet.runAt(fleet.credentials.validFromMs + 59 * day)
    expect(fleet.server.questions).toHaveLength(1)
    expect(fleet.sleeps).toEqual([3_600_000])
  })

  test('that could not be renewed is kept, and asked for again within a minute', async () => {
    await using fleet = await joined()
    fleet.server.behaviour.refuse = 'not now'
    await fleet.runAt(fleet.credentials.validFromMs + 61 * day)
    expect(await readCredentials(fleet.directory)).toEqual(fleet.credentials)
    expect(fleet.sleeps[0]).toBeLessThanOrEqual(60_000)
  })

  test('is not asked for where its key cannot be kept: a full disk must not use up what a node may have', async () => {
    await using fleet = await joined()
    await mkdir(joinPath(fleet.directory, 'renewing.key.partial'))
    await fleet.runAt(fleet.credentials.validFromMs + 61 * day)
    expect(fleet.server.questions).toHaveLength(1)
    expect(fleet.sleeps[0]).toBeLessThanOrEqual(60_000)
  })

  test.each([
    [90 * day, 0, 60 * day],
    [90 * day, 1, 59 * day],
    [day, 1, (2 / 3) * day - day / 20],
  ])('with a life of %d ms is due by its age', (life, early, due) => {
    expect(renewalDue({ node, serial: '', validFromMs: 0, validToMs: life }, early)).toBeCloseTo(due)
  })
})
