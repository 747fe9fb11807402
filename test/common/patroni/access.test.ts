import { mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { resolveAccess, resolveReading } from '../../../common/patroni/access.ts'

const file = `
name: m1
restapi:
  connect_address: 10.0.0.1:8008
  certfile: /etc/patroni/server.pem
  cafile: /etc/patroni/ca.pem
  authentication: { username: patroni, password: secret }
ctl: { certfile: /etc/patroni/client.pem, keyfile: /etc/patroni/client-key.pem }
`

async function withFile(work: (path: string) => Promise<void>): Promise<void> {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'pgherd-patroni-file-'))
  const path = join(directory.path, 'patroni.yml')
  await writeFile(path, file)
  await work(path)
}

const tls = {
  caFile: '/etc/patroni/ca.pem',
  certFile: '/etc/patroni/client.pem',
  keyFile: '/etc/patroni/client-key.pem',
}

test("address, certificates and password are those of Patroni's own file", () =>
  withFile(async (configFile) => {
    expect(await resolveAccess({ configFile })).toEqual({
      origin: 'https://10.0.0.1:8008',
      name: 'm1',
      tls,
      credentials: { headers: { authorization: 'Basic cGF0cm9uaTpzZWNyZXQ=' } },
    })
  }))

test('who only reads gets no password', () =>
  withFile(async (configFile) => {
    expect(await resolveReading({ configFile })).toEqual({ origin: 'https://10.0.0.1:8008', tls })
  }))

test('what the configuration says goes before the file', () =>
  withFile(async (configFile) => {
    const url = 'https://127.0.0.1:8443/metrics'
    const own = { caFile: '/etc/pgherd/ca.pem' }
    expect(await resolveReading({ configFile, url, tls: own })).toEqual({
      origin: 'https://127.0.0.1:8443',
      tls: own,
    })
  }))

test('a file that may not be read is an error to who commands, and loopback to who only reads', async () => {
  const configFile = '/nowhere/patroni.yml'
  await expect(resolveAccess({ configFile })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  expect(await resolveReading({ configFile })).toEqual({ origin: 'http://127.0.0.1:8008', tls: undefined })
})
