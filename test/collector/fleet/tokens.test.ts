import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openFleet } from '../../../collector/fleet/fleet.ts'
import { handClock, startFleet } from './trust-lab.ts'

const hour = 3_600_000
const grafana = { name: 'grafana', role: 'viewer', lifetimeMs: hour } as const

test('a token is known by its text, with its name and role, also after a restart', async () => {
  const { fleet, path, clock } = await startFleet()
  const { token } = await fleet.tokens.create(grafana, 'admin')
  expect(fleet.tokens.check(token)).toMatchObject({ name: 'grafana', role: 'viewer' })
  using reopened = openFleet({ path, clock })
  expect(reopened.tokens.check(token)).toMatchObject({ name: 'grafana', role: 'viewer' })
})

test('the secret is in no file of the fleet', async () => {
  const { fleet, path } = await startFleet()
  const { token } = await fleet.tokens.create(grafana, 'admin')
  const secret = token.split('_').slice(2).join('_')
  expect(secret).toHaveLength(43)
  for (const file of [path, `${path}-wal`]) expect(readFileSync(file, 'latin1')).not.toContain(secret)
})

test.each([
  ['with another secret', (token: string) => `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`],
  [
    'with another id',
    (token: string) => token.replace(/^pgh_./, (begin) => (begin === 'pgh_0' ? 'pgh_1' : 'pgh_0')),
  ],
  ['that was cut', (token: string) => token.slice(0, -1)],
  ['with something behind it', (token: string) => `${token}\n`],
  ['that is empty', () => ''],
])('a token %s is unknown', async (_, change) => {
  const { fleet } = await startFleet()
  const { token } = await fleet.tokens.create(grafana, 'admin')
  expect(fleet.tokens.check(change(token))).toEqual({ refused: 'unknown' })
})

test('a token ends at its time, and one without end does not', async () => {
  const { fleet, clock } = await startFleet()
  const { token } = await fleet.tokens.create(grafana, 'admin')
  const forEver = await fleet.tokens.create({ name: 'vmagent', role: 'writer', lifetimeMs: null }, 'admin')
  clock.advance(hour - 1)
  expect(fleet.tokens.check(token)).toMatchObject({ name: 'grafana' })
  clock.advance(1)
  expect(fleet.tokens.check(token)).toEqual({ refused: 'expired' })
  clock.advance(24 * 365 * hour)
  expect(fleet.tokens.check(forEver.token)).toMatchObject({ name: 'vmagent' })
})

test('a clock that is set back gives an expired token its time again, and no more', async () => {
  const { fleet, clock } = await startFleet()
  const { token } = await fleet.tokens.create(grafana, 'admin')
  clock.step(2 * hour)
  expect(fleet.tokens.check(token)).toEqual({ refused: 'expired' })
  clock.step(-2 * hour)
  expect(fleet.tokens.check(token)).toMatchObject({ name: 'grafana' })
  clock.step(hour)
  expect(fleet.tokens.check(token)).toEqual({ refused: 'expired' })
})

test('a revoked token is refused at once, and after a restart', async () => {
  const { fleet, path, clock } = await startFleet()
  const { id, token } = await fleet.tokens.create(grafana, 'admin')
  expect((await fleet.tokens.revoke(id, 'admin')).revokedMs).toBe(clock.now())
  expect(fleet.tokens.check(token)).toEqual({ refused: 'revoked' })
  using reopened = openFleet({ path, clock })
  expect(reopened.tokens.check(token)).toEqual({ refused: 'revoked' })
})

test('a name is used once at a time, so that the audit means one holder', async () => {
  const { fleet } = await startFleet()
  const { id } = await fleet.tokens.create(grafana, 'admin')
  await expect(fleet.tokens.create(grafana, 'admin')).rejects.toThrow(
    'there is a token with the name grafana',
  )
  await fleet.tokens.revoke(id, 'admin')
  expect((await fleet.tokens.create(grafana, 'admin')).name).toBe('grafana')
})

test('a token that another process has made is known without a restart', async () => {
  const { fleet, path, clock } = await startFleet()
  using other = openFleet({ path, clock })
  const { token } = await other.tokens.create(grafana, 'pgherd')
  expect(fleet.tokens.check(token)).toMatchObject({ name: 'grafana' })
})

test('when a token was last used is listed at once and written within a minute of use', async () => {
  const { fleet, path, clock } = await startFleet()
  const { token } = await fleet.tokens.create(grafana, 'admin')
  clock.advance(1_000)
  fleet.tokens.check(token)
  const usedMs = clock.now()
  const stored = () => {
    using other = openFleet({ path, clock: handClock() })
    return other.tokens.list()[0]?.lastUsedMs
  }
  expect(fleet.tokens.list()[0]?.lastUsedMs).toBe(usedMs)
  expect(stored()).toBeNull()
  clock.advance(60_000)
  fleet.tokens.check(token)
  expect(stored()).toBe(usedMs + 60_000)
})

test('who made and who revoked a token is told to the audit, and no secret', async () => {
  const { fleet, facts } = await startFleet()
  const { id, token } = await fleet.tokens.create(grafana, 'first-admin')
  await fleet.tokens.revoke(id, 'second-admin')
  expect(facts).toMatchObject([
    { event: 'token-created', who: 'first-admin', what: `viewer token grafana (${id})` },
    { event: 'token-revoked', who: 'second-admin', what: `viewer token grafana (${id})` },
  ])
  expect(JSON.stringify(facts)).not.toContain(token.slice(17))
})

test('tokens that ended over a month ago are forgotten', async () => {
  const { fleet, clock } = await startFleet()
  await fleet.tokens.create(grafana, 'admin')
  clock.advance(31 * 24 * hour)
  await fleet.tokens.create({ ...grafana, name: 'next' }, 'admin')
  expect(fleet.tokens.list().map(({ name }) => name)).toEqual(['next'])
})
