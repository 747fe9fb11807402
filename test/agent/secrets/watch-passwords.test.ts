import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { watchPasswords } from '../../../agent/secrets/watch-passwords.ts'
import { systemClock } from '../../../common/clock.ts'
import { createHttpClient } from '../../../common/http-client.ts'
import type { DefaultPasswordsReport } from '../../../common/insight/default-passwords.ts'
import type { KnownPassword } from '../../../common/known-passwords/known-passwords.ts'
import { silentLog } from '../../../common/log.ts'

/** Words that stand nowhere else, so that a leak is seen. */
const known: readonly KnownPassword[] = Array.from({ length: 8 }, (_, i) => ({
  ...{ set: 'samples of Test', service: 'grafana', user: 'admin', variable: undefined },
  ...{ password: `Zq${i}.Unlikely.${i}xW`, setting: 'admin_password' },
}))

/** In place of a Grafana, which cannot be had here: its health and its basic authentication. */
async function grafana() {
  let right = known[1]?.password ?? ''
  let wrong = 0
  const server = createServer((request, response) => {
    const given = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64').toString()
    const isRight = given === `admin:${right}`
    if (request.url === '/api/org' && !isRight) wrong++
    response.writeHead(request.url === '/api/health' || isRight ? 200 : 401).end('{"database":"ok"}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { origin, change: (to: string) => (right = to), wrong: () => wrong }
}

async function watched(origin: string, directory: string, looks: number, list = known) {
  const told: DefaultPasswordsReport[] = []
  const said: string[] = []
  const ending = new AbortController()
  const waits: number[] = []
  const note = (...words: unknown[]): void => void said.push(JSON.stringify(words))
  using http = createHttpClient()
  const watch = watchPasswords({
    ...{ known: list, servers: [], files: [], afterMs: 1_000, everyMs: 86_400_000, http },
    web: [{ service: 'grafana', origin }],
    keptIn: join(directory, 'secrets.json'),
    tell: (report) => void told.push(report),
    clock: {
      ...systemClock,
      sleep: (ms) => {
        waits.push(ms)
        if (waits.length > looks) ending.abort()
        return Promise.resolve()
      },
    },
    log: { ...silentLog, warn: note, debug: note, info: note, error: note },
  })
  await watch.run(ending.signal)
  return { told, said, waits, figures: watch.figures.map((figure) => figure.read()) }
}

const newDirectory = () => mkdtempDisposable(join(tmpdir(), 'pgherd-secrets-'))

test('what is found is told once, without the password, and again when it is changed', async () => {
  await using directory = await newDirectory()
  const service = await grafana()
  const first = await watched(service.origin, directory.path, 2, known.slice(0, 5))
  expect(first.told).toHaveLength(1)
  expect(first.told[0]).toMatchObject({
    found: [{ service: 'grafana', user: 'admin', set: 'samples of Test' }],
    gone: [],
  })
  service.change('Own.Password')
  const second = await watched(service.origin, directory.path, 1, known.slice(0, 5))
  expect(second.told.flatMap(({ gone }) => gone).map(({ user }) => user)).toEqual(['admin'])
  expect(second.figures[0]).toEqual([])
  const kept = await readFile(join(directory.path, 'secrets.json'), 'utf8')
  const all = JSON.stringify([first, second]) + kept
  for (const { password } of known) expect(all).not.toContain(password)
})

test('one look gives a service six wrong passwords at most', async () => {
  await using directory = await newDirectory()
  const service = await grafana()
  service.change('Own.Password')
  await watched(service.origin, directory.path, 1)
  expect(service.wrong()).toBe(6)
})

test('after a restart nothing is tried before its time, and what was found is still told as a figure', async () => {
  await using directory = await newDirectory()
  const service = await grafana()
  await watched(service.origin, directory.path, 1)
  const { waits, figures } = await watched(service.origin, directory.path, 0)
  expect(waits[0]).toBeGreaterThan(86_000_000)
  expect(figures[0]).toMatchObject([{ labels: { service: 'grafana', user: 'admin' }, value: 1 }])
})
