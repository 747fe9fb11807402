import { X509Certificate } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { serverCertificate } from '../../../../collector/fleet/trust/server-certificate.ts'
import { createTrust, openKeys, readAuthority } from '../../../../collector/fleet/trust/trust-directory.ts'
import { temporaryDirectory } from '../trust-lab.ts'

const nowMs = Date.UTC(2026, 10, 1)
const day = 86_400_000
const names = ['db.example', '10.0.0.5', 'localhost', '::1']

async function madeTrust() {
  const directory = join(temporaryDirectory(), 'trust')
  const authority = await createTrust(directory, { names, nowMs, beforeItCounts: () => Promise.resolve() })
  const present = (atMs: number, wanted: readonly string[] = names) =>
    serverCertificate(directory, { authority, names: wanted, nowMs: atMs })
  return { directory, authority, present }
}

test('what is made is complete, for the owner only, and opens again', async () => {
  const { directory, authority } = await madeTrust()
  expect(readdirSync(directory).sort()).toEqual(['ca.key', 'ca.pem', 'server.pem'])
  for (const file of readdirSync(directory)) expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600)
  expect(statSync(directory).mode & 0o777).toBe(0o700)
  expect((await readAuthority(directory)).fingerprint).toEqual(authority.fingerprint)
  expect(existsSync(`${directory}.unfinished`)).toBe(false)
})

test('keys that others than the owner may read are named, and certificates are for all', async () => {
  const { directory } = await madeTrust()
  expect(await openKeys(directory)).toEqual([])
  chmodSync(join(directory, 'ca.pem'), 0o644)
  chmodSync(join(directory, 'server.pem'), 0o640)
  expect(await openKeys(directory)).toEqual([join(directory, 'server.pem')])
})

test('what is there is not made anew', async () => {
  const { directory } = await madeTrust()
  const before = readFileSync(join(directory, 'ca.pem'), 'utf8')
  await expect(
    createTrust(directory, { names, nowMs, beforeItCounts: () => Promise.resolve() }),
  ).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining('nothing has been changed') as string,
  })
  expect(readFileSync(join(directory, 'ca.pem'), 'utf8')).toBe(before)
  expect(existsSync(`${directory}.unfinished`)).toBe(false)
})

test('an attempt that fails leaves nothing that counts, and the next succeeds', async () => {
  const directory = join(temporaryDirectory(), 'trust')
  const failing = createTrust(directory, {
    names,
    nowMs,
    beforeItCounts: () => {
      throw new Error('no room')
    },
  })
  await expect(failing).rejects.toThrow('no room')
  expect(existsSync(directory)).toBe(false)
  await createTrust(directory, { names, nowMs, beforeItCounts: () => Promise.resolve() })
  expect(readdirSync(directory).sort()).toEqual(['ca.key', 'ca.pem', 'server.pem'])
})

test('of two at one time one makes it', async () => {
  const directory = join(temporaryDirectory(), 'trust')
  const make = () => createTrust(directory, { names, nowMs, beforeItCounts: () => Promise.resolve() })
  const results = await Promise.allSettled([make(), make()])
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  const made = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.fingerprint] : []))
  expect((await readAuthority(directory)).fingerprint).toEqual(made[0])
})

test('the certificate is for the names that were asked for, and for a server', async () => {
  const { present, authority } = await madeTrust()
  const certificate = new X509Certificate((await present(nowMs)).certificate)
  expect(certificate.checkHost('db.example')).toBe('db.example')
  expect(certificate.checkIP('10.0.0.5')).toBe('10.0.0.5')
  expect(certificate.checkIP('::1')).toBeDefined()
  expect(certificate.checkHost('other.example')).toBeUndefined()
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
  expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true)
})

test('it stays for two thirds of its life and is then renewed with a new key', async () => {
  const { present } = await madeTrust()
  const first = await present(nowMs)
  expect(await present(nowMs + 59 * day)).toEqual(first)
  const second = await present(nowMs + 61 * day)
  expect(second.certificate).not.toBe(first.certificate)
  expect(second.key).not.toBe(first.key)
  expect(await present(nowMs + 61 * day)).toEqual(second)
})

test.each([
  ['that has expired', 400 * day],
  ['that is not valid yet, as the clock went wrong when it was made', -400 * day],
])('one %s is renewed', async (_, stepMs) => {
  const { present } = await madeTrust()
  const renewed = new X509Certificate((await present(nowMs + stepMs)).certificate)
  expect(renewed.validFromDate.getTime()).toBeLessThan(nowMs + stepMs)
  expect(renewed.validToDate.getTime()).toBeGreaterThan(nowMs + stepMs)
})

test('a name that is added makes a new one, which keeps the names that were given before', async () => {
  const { present } = await madeTrust()
  const renewed = new X509Certificate((await present(nowMs, ['new.example'])).certificate)
  expect(renewed.checkHost('new.example')).toBe('new.example')
  expect(renewed.checkHost('db.example')).toBe('db.example')
  expect(renewed.checkIP('10.0.0.5')).toBe('10.0.0.5')
})

test.each([
  ['is gone', (file: string) => rmSync(file)],
  ['is empty', (file: string) => writeFileSync(file, '')],
  ['is damaged', (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replace(/A/g, 'B'))],
])('a file of the certificate that %s is made again', async (_, damage) => {
  const { directory, present } = await madeTrust()
  damage(join(directory, 'server.pem'))
  const { certificate } = await present(nowMs)
  expect(new X509Certificate(certificate).checkHost('db.example')).toBe('db.example')
})

test('an authority that is damaged is no reason to make another: it is said', async () => {
  const { directory } = await madeTrust()
  writeFileSync(join(directory, 'ca.key'), 'x')
  await expect(readAuthority(directory)).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
})
