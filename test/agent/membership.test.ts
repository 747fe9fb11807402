import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { expect, test } from 'vitest'
import { agentProgram } from '../../agent/config.ts'
import { openMembership } from '../../agent/membership.ts'
import { readCredentials } from '../../agent/trust/credential-files.ts'
import { join } from '../../agent/trust/join.ts'
import { loadConfig } from '../../common/config/load-config.ts'
import { silentLog } from '../../common/log.ts'
import { waitFor } from '../../testbed/wait.ts'
import { startProxy } from './connect-proxy.ts'
import { openFleetServer } from './trust/fleet-server.ts'

const day = 86_400_000

test('a certificate is renewed through the proxy, and its new end is known; joining and renewal are recorded', async () => {
  await using server = await openFleetServer('pg-main-1')
  await using directory = await mkdtempDisposable(joinPath(tmpdir(), 'pgherd-membership-'))
  const { url, token } = server
  const old = await join({ url, token, node: 'pg-main-1', directory: directory.path, timeoutMs: 5_000 })
  const { config } = loadConfig(agentProgram.table, {
    environment: {},
    environmentPrefix: agentProgram.environmentPrefix,
    flags: new Map([
      ['identity.cluster', 'pg-main'],
      ['identity.seq', '1'],
      ['collector.url', url],
      ['tls.directory', directory.path],
    ]),
  })
  const proxy = await startProxy('secret')
  const end = new AbortController()
  const nowMs = old.validFromMs + 61 * day
  const membership = await openMembership(config!, {
    clock: {
      now: () => nowMs,
      monotonic: () => nowMs,
      sleep() {
        end.abort()
        return Promise.resolve()
      },
    },
    log: silentLog,
    proxy: { url: `http://agent:secret@${proxy.at}` },
  })

  const recorded: string[] = []
  await membership.run(end.signal, ({ event }) => {
    recorded.push(event)
    return Promise.resolve(true)
  })

  expect(proxy.asked).toEqual([new URL(url).host])
  expect(server.questions.at(-1)).toMatchObject({ path: '/api/v1/agent/renew' })
  const renewed = await readCredentials(directory.path)
  expect(renewed?.serial).not.toBe(old.serial)
  expect(membership.validToMs()).toBe(renewed?.validToMs)
  await waitFor('both are recorded', () => recorded.length === 2)
  expect(recorded.toSorted()).toEqual(['certificate-renewed', 'enrolled'])
})
