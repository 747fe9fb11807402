import { expect, test } from 'vitest'
import { parseKnownPasswords, readKnownPasswords } from '../../../common/known-passwords/known-passwords.ts'
import { PgherdError } from '../../../common/errors.ts'

const known = readKnownPasswords()

test('the list has the samples of Pigsty and Supabase and the defaults of MinIO, Grafana and HAProxy', () => {
  expect([...new Set(known.map(({ set }) => set))]).toEqual([
    'samples of Pigsty',
    'samples of Supabase',
    'defaults of MinIO',
    'defaults of Grafana',
    'samples of HAProxy',
  ])
})

test('no login is on the list twice', () => {
  const logins = known.map(({ service, user, password }) => JSON.stringify([service, user, password]))
  expect(new Set(logins).size).toBe(logins.length)
})

test('a login has a user, and a phrase has none', () => {
  const phrases = known.filter(({ user }) => user === '').map(({ service }) => service)
  expect(phrases.sort()).toEqual(['pgbackrest-cipher', 'supabase-jwt'])
})

test('no login of one role needs more than three tries, so that none is ever locked out', () => {
  const perLogin = Map.groupBy(
    known.filter(({ user }) => user !== ''),
    ({ service, user }) => `${service} ${user}`,
  )
  expect(Math.max(...[...perLogin.values()].map((ones) => ones.length))).toBeLessThanOrEqual(3)
})

test('a damaged list is refused in words that quote none of it', () => {
  const text = 'sets: [{ name: x, source: "https://x.test/", passwords: [{ password: Hush.Hush }] }]'
  let failure: unknown
  try {
    parseKnownPasswords(text)
  } catch (error) {
    failure = error
  }
  expect(failure).toBeInstanceOf(PgherdError)
  expect(String(failure)).not.toContain('Hush')
})
