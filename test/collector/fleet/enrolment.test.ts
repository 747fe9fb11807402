import { X509Certificate } from 'node:crypto'
import { expect, test } from 'vitest'
import { parseJoinToken } from '../../../common/trust/join-token.ts'
import { createAuthority, openAuthority } from '../../../collector/fleet/trust/authority.ts'
import { newRequest, startFleet } from './trust-lab.ts'

const hour = 3_600_000
const day = 24 * hour
const serialOf = (pem: string): string => new X509Certificate(pem).serialNumber.toLowerCase()

test.each(['P-256', 'Ed25519'] as const)(
  'an agent with a key of %s gets a certificate of its node',
  async (kind) => {
    const { enrolment, authority, fleet, clock } = await startFleet()
    const { csr, publicKey } = await newRequest('CN=pg-other-9', kind)
    const joined = await enrolment.join((await enrolment.offer('pg-main-1', hour, 'admin')).token, csr)
    const certificate = new X509Certificate(joined.certificate)
    expect(joined.node).toBe('pg-main-1')
    expect(joined.ca).toBe(authority.certificate)
    expect(certificate.subject).toBe('CN=pg-main-1')
    expect(certificate.subjectAltName).toBe('URI:urn:pgherd:agent:pg-main-1')
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
    expect(certificate.ca).toBe(false)
    expect(certificate.publicKey.equals(publicKey)).toBe(true)
    expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true)
    expect(Date.parse(certificate.validTo)).toBe(clock.now() + 90 * day)
    expect(clock.now() - Date.parse(certificate.validFrom)).toBe(hour)
    expect(fleet.certificates.problem('pg-main-1', serialOf(joined.certificate))).toBeUndefined()
  },
)

test('a join token names whom to trust', async () => {
  const { enrolment, authority } = await startFleet()
  const offered = await enrolment.offer('pg-main-1', hour, 'admin')
  const { fingerprint256 } = new X509Certificate(authority.certificate)
  expect(offered.fingerprint).toBe(fingerprint256)
  expect(Buffer.from(parseJoinToken(offered.token)?.fingerprint ?? '', 'base64url').toString('hex')).toBe(
    fingerprint256.replaceAll(':', '').toLowerCase(),
  )
})

test('a token is good for one agent, and that one may ask again when its answer was lost', async () => {
  const { enrolment } = await startFleet()
  const { token } = await enrolment.offer('pg-main-1', hour, 'admin')
  const [first, second] = [await newRequest(), await newRequest()]
  const joined = await enrolment.join(token, first.csr)
  expect(await enrolment.join(token, first.csr)).toEqual(joined)
  await expect(enrolment.join(token, second.csr)).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
    message: 'the join token has been used: each is good for one agent',
  })
})

test('of two agents that join with one token at once, one wins', async () => {
  const { enrolment, fleet, facts } = await startFleet()
  const { token } = await enrolment.offer('pg-main-1', hour, 'admin')
  const requests = await Promise.all([newRequest(), newRequest()])
  const results = await Promise.allSettled(requests.map(({ csr }) => enrolment.join(token, csr)))
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(fleet.certificates.validOf('pg-main-1')).toHaveLength(1)
  expect(facts.filter(({ event }) => event === 'enrolled')).toHaveLength(1)
})

test('a token ends at its time, for the one that used it too, and a clock that leaps ahead ends it', async () => {
  const { enrolment, clock } = await startFleet()
  const { token } = await enrolment.offer('pg-main-1', hour, 'admin')
  const { csr } = await newRequest()
  await enrolment.join(token, csr)
  clock.step(hour)
  await expect(enrolment.join(token, csr)).rejects.toMatchObject({ message: 'the join token has expired' })
})

test.each([
  [
    'of another fleet',
    async () => (await (await startFleet()).enrolment.offer('pg-main-1', hour, 'admin')).token,
  ],
  ['that is none', () => Promise.resolve('pgherd-join-1.short')],
])('a token %s is refused', async (_, foreign) => {
  const { enrolment } = await startFleet()
  const { csr } = await newRequest()
  await expect(enrolment.join(await foreign(), csr)).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
    message: 'that is no join token of this fleet',
  })
})

test('whoever does not hold the key of a csr gets no certificate', async () => {
  const { enrolment } = await startFleet()
  const { token } = await enrolment.offer('pg-main-1', hour, 'admin')
  const { csr } = await newRequest('CN=original')
  const der = Buffer.from(csr.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  der.write('changed!', der.indexOf('original'))
  const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----`
  await expect(enrolment.join(token, forged)).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    message: 'the csr is not signed by the key that is in it',
  })
  expect((await enrolment.join(token, csr)).node).toBe('pg-main-1')
})

test.each([
  ['empty', ''],
  ['not PEM', 'hello'],
  ['of nothing', '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----'],
  ['a certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'],
])('a csr that is %s is refused, and the token stays good', async (_, bad) => {
  const { enrolment } = await startFleet()
  const { token } = await enrolment.offer('pg-main-1', hour, 'admin')
  await expect(enrolment.join(token, bad)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  expect((await enrolment.join(token, (await newRequest()).csr)).node).toBe('pg-main-1')
})

test.each(['pg-main', 'pg-main-1/..', 'pg main-1', '-1', `${'x'.repeat(80)}-1`, 'pg-main-1\r\nx: y'])(
  'no token is made for what is no node: %j',
  async (node) => {
    const { enrolment } = await startFleet()
    await expect(enrolment.offer(node, hour, 'admin')).rejects.toThrow('is no name of a node')
  },
)

test('a renewed certificate counts beside the present one until that expires', async () => {
  const { enrolment, fleet, clock } = await startFleet()
  const first = await enrolment.join(
    (await enrolment.offer('pg-main-1', hour, 'a')).token,
    (await newRequest()).csr,
  )
  clock.advance(60 * day)
  const second = await enrolment.renew('pg-main-1', serialOf(first.certificate), (await newRequest()).csr)
  const problems = () =>
    [first, second].map(({ certificate }) => fleet.certificates.problem('pg-main-1', serialOf(certificate)))
  expect(problems()).toEqual([undefined, undefined])
  clock.advance(30 * day)
  expect(problems()).toEqual(['expired', undefined])
})

test('an agent that joins anew ends the certificates that its node had', async () => {
  const { enrolment, fleet } = await startFleet()
  const join = async () =>
    enrolment.join((await enrolment.offer('pg-main-1', hour, 'a')).token, (await newRequest()).csr)
  const [first, second] = [await join(), await join()]
  expect(fleet.certificates.problem('pg-main-1', serialOf(first.certificate))).toBe('revoked')
  expect(fleet.certificates.problem('pg-main-1', serialOf(second.certificate))).toBeUndefined()
})

test('a revoked node is told at once, and neither renews nor joins with a token that it still has', async () => {
  const { enrolment, fleet } = await startFleet()
  const joined = await enrolment.join(
    (await enrolment.offer('pg-main-1', hour, 'a')).token,
    (await newRequest()).csr,
  )
  const open = await enrolment.offer('pg-main-1', hour, 'a')
  const told: string[] = []
  fleet.certificates.onRevoked((node) => told.push(node))
  expect(await enrolment.revoke('pg-main-1', 'stolen', 'admin')).toMatchObject({
    node: 'pg-main-1',
    certificates: 1,
  })
  expect(told).toEqual(['pg-main-1'])
  expect(fleet.certificates.problem('pg-main-1', serialOf(joined.certificate))).toBe('revoked')
  const { csr } = await newRequest()
  await expect(enrolment.renew('pg-main-1', serialOf(joined.certificate), csr)).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
  })
  await expect(enrolment.join(open.token, csr)).rejects.toMatchObject({
    message: 'the join token has been revoked',
  })
})

test('a node without certificates cannot be revoked, which a wrong name would hide', async () => {
  const { enrolment } = await startFleet()
  await expect(enrolment.revoke('pg-mian-1', '', 'admin')).rejects.toThrow(
    'pg-mian-1 has no valid certificate',
  )
})

test('a certificate that the authority has signed elsewhere is unknown', async () => {
  const { authority, fleet, clock } = await startFleet()
  const { publicKey } = await newRequest()
  const { serial } = await authority.issueAgent('pg-main-1', publicKey, clock.now())
  expect(fleet.certificates.problem('pg-main-1', serial)).toBe('unknown')
})

test('the serial of one node is unknown for another', async () => {
  const { enrolment, fleet } = await startFleet()
  const joined = await enrolment.join(
    (await enrolment.offer('pg-main-1', hour, 'a')).token,
    (await newRequest()).csr,
  )
  expect(fleet.certificates.problem('pg-main-2', serialOf(joined.certificate))).toBe('unknown')
})

test('everything is told to the audit: offered, enrolled, renewed, revoked', async () => {
  const { enrolment, facts } = await startFleet()
  const { token } = await enrolment.offer('pg-main-1', hour, 'anna')
  const { certificate } = await enrolment.join(token, (await newRequest()).csr)
  await enrolment.renew('pg-main-1', serialOf(certificate), (await newRequest()).csr)
  await enrolment.revoke('pg-main-1', 'decommissioned', 'bert')
  expect(facts.map(({ event, who, where, why }) => [event, who, where, why])).toEqual([
    ['enrolment-offered', 'anna', 'pg-main-1', ''],
    ['enrolled', 'agent pg-main-1', 'pg-main-1', ''],
    ['certificate-renewed', 'agent pg-main-1', 'pg-main-1', ''],
    ['revoked', 'bert', 'pg-main-1', 'decommissioned'],
  ])
})

test('an authority does not sign beyond its own end, and is not opened with the key of another', async () => {
  const { clock } = await startFleet()
  const made = await createAuthority(clock.now())
  const authority = openAuthority(made)
  const { publicKey } = await newRequest()
  const issued = await authority.issueAgent('pg-main-1', publicKey, clock.now() + (20 * 365 - 1) * day)
  expect(issued.notAfterMs).toBe(Date.parse(new X509Certificate(made.certificate).validTo))
  const other = await createAuthority(clock.now())
  expect(() => openAuthority({ key: other.key, certificate: made.certificate })).toThrow(
    'the key is not that',
  )
})

test('a token that is tried on the wrong host ends no certificates of its node, and is still good for that', async () => {
  const { enrolment, fleet } = await startFleet()
  const join = async (token: string, asked: string) => enrolment.join(token, (await newRequest()).csr, asked)
  const present = await join((await enrolment.offer('pg-main-2', hour, 'a')).token, 'pg-main-2')
  const { token } = await enrolment.offer('pg-main-2', hour, 'a')
  await expect(join(token, 'pg-main-1')).rejects.toMatchObject({
    code: 'REFUSED',
    message: 'the join token is for pg-main-2, and the configuration calls this agent pg-main-1',
  })
  expect(fleet.certificates.problem('pg-main-2', serialOf(present.certificate))).toBeUndefined()
  expect(await join(token, 'pg-main-2')).toMatchObject({ node: 'pg-main-2' })
})
