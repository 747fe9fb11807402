import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { openFleet } from '../../../collector/fleet/fleet.ts'
import { newRequest, startFleet } from './trust-lab.ts'

const hour = 3_600_000
const grafana = { name: 'grafana', role: 'viewer', lifetimeMs: hour } as const
const noRoom = { code: 'DISK_FULL', message: 'no room for the audit' }

test('no token is made that the audit cannot be told of, and its name stays free', async () => {
  const { fleet, disk } = await startFleet()
  disk.isFull = true
  await expect(fleet.tokens.create(grafana, 'admin')).rejects.toMatchObject(noRoom)
  expect(fleet.tokens.list()).toEqual([])
  disk.isFull = false
  expect(await fleet.tokens.create(grafana, 'admin')).toMatchObject({ name: 'grafana' })
})

test('of two tokens with one name that are asked for at one time one is made', async () => {
  const { fleet, facts } = await startFleet()
  const made = await Promise.allSettled([
    fleet.tokens.create(grafana, 'anna'),
    fleet.tokens.create(grafana, 'bert'),
  ])
  expect(made.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect(facts).toHaveLength(1)
})

test('a revoked token is refused although the audit cannot be told, and a repeat tells it', async () => {
  const { fleet, disk, facts } = await startFleet()
  const { id, token } = await fleet.tokens.create(grafana, 'admin')
  disk.isFull = true
  await expect(fleet.tokens.revoke(id, 'admin')).rejects.toMatchObject(noRoom)
  fleet.tokens.list()
  expect(fleet.tokens.check(token)).toEqual({ refused: 'revoked' })
  disk.isFull = false
  await fleet.tokens.revoke(id, 'admin')
  await fleet.tokens.revoke(id, 'admin')
  expect(facts.map(({ event }) => event)).toEqual(['token-created', 'token-revoked'])
})

test('no join token, certificate or renewal is given that the audit cannot be told of', async () => {
  const { fleet, enrolment, disk } = await startFleet()
  const { csr } = await newRequest()
  disk.isFull = true
  await expect(enrolment.offer('pg-main-1', hour, 'admin')).rejects.toMatchObject(noRoom)
  disk.isFull = false
  const { token } = await enrolment.offer('pg-main-1', hour, 'admin')
  disk.isFull = true
  await expect(enrolment.join(token, csr)).rejects.toMatchObject(noRoom)
  expect(fleet.certificates.validOf('pg-main-1')).toEqual([])
  disk.isFull = false
  const { certificate } = await enrolment.join(token, csr)
  disk.isFull = true
  const serial = new X509Certificate(certificate).serialNumber.toLowerCase()
  await expect(enrolment.renew('pg-main-1', serial, csr)).rejects.toMatchObject(noRoom)
  expect(fleet.certificates.validOf('pg-main-1')).toHaveLength(1)
})

test('a node is out of the fleet although the audit cannot be told, and a repeat tells what was ended', async () => {
  const { fleet, enrolment, disk, facts } = await startFleet()
  const { token } = await enrolment.offer('pg-main-1', hour, 'admin')
  await enrolment.join(token, (await newRequest()).csr)
  await enrolment.offer('pg-main-1', hour, 'admin')
  disk.isFull = true
  await expect(enrolment.revoke('pg-main-1', 'stolen', 'admin')).rejects.toMatchObject(noRoom)
  expect(fleet.certificates.validOf('pg-main-1')).toEqual([])
  disk.isFull = false
  await enrolment.revoke('pg-main-1', 'stolen', 'admin')
  expect(facts.at(-1)).toMatchObject({ event: 'revoked', what: '1 certificates, 2 join tokens' })
})

test('a certificate that was replaced while its renewal was under way is not renewed', async () => {
  const { fleet, enrolment } = await startFleet()
  const join = async () => {
    const { token } = await enrolment.offer('pg-main-1', hour, 'admin')
    return enrolment.join(token, (await newRequest()).csr)
  }
  const stolen = new X509Certificate((await join()).certificate).serialNumber.toLowerCase()
  await join()
  await expect(enrolment.renew('pg-main-1', stolen, (await newRequest()).csr)).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
  })
  expect(fleet.certificates.validOf('pg-main-1')).toHaveLength(1)
})

test('what a command beside the collector does is told to the audit once the collector runs', async () => {
  const { fleet, path, clock, facts, disk } = await startFleet()
  using command = openFleet({ path, clock })
  const { id } = await command.tokens.create({ ...grafana, role: 'admin' }, 'pgherd-collector')
  disk.isFull = true
  await expect(fleet.tellKept()).rejects.toMatchObject(noRoom)
  disk.isFull = false
  await fleet.tellKept()
  await fleet.tellKept()
  expect(facts).toMatchObject([
    { event: 'token-created', who: 'pgherd-collector', what: `admin token grafana (${id})` },
  ])
})

test('a token that a command beside the collector revokes is refused at the next request', async () => {
  const { fleet, path, clock } = await startFleet()
  const { id, token } = await fleet.tokens.create(grafana, 'admin')
  expect(fleet.tokens.check(token)).toMatchObject({ name: 'grafana' })
  using command = openFleet({ path, clock })
  await command.tokens.revoke(id, 'pgherd-collector')
  expect(fleet.tokens.check(token)).toEqual({ refused: 'revoked' })
})
