import { expect, test } from 'vitest'
import { createSession } from '../../../../collector/web/sign-in/session.ts'

/** A collector that takes one token, and a tab's storage. */
function setUp(right: string) {
  const stored = new Map<string, string>()
  const collector: typeof globalThis.fetch = (_, init) => {
    const isRight = new Headers(init?.headers).get('authorization') === `Bearer ${right}`
    return Promise.resolve(new Response('{}', { status: isRight ? 200 : 401 }))
  }
  const storage = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  }
  return { stored, collector, storage, session: createSession(collector, storage) }
}

test('a token is needed once the collector says so, and no longer when it has taken one', async () => {
  const { session } = setUp('right')
  const changes: boolean[] = []
  session.onChange(() => changes.push(session.isTokenNeeded()))
  expect(session.isTokenNeeded()).toBe(false)
  await session.fetch('api/v1/nodes')
  await session.fetch('api/v1/alerts')
  expect(await session.signIn(' right\n')).toBeUndefined()
  expect((await session.fetch('api/v1/nodes')).status).toBe(200)
  expect(changes).toEqual([true, false])
})

test('a wrong token is told and not kept', async () => {
  const { session, stored } = setUp('right')
  await session.fetch('api/v1/nodes')
  expect(await session.signIn('wrong')).toBe('The collector does not know this token, or no longer')
  expect(await session.signIn('no token\u00e9')).toBe('That is no token')
  expect(session.isTokenNeeded()).toBe(true)
  expect([...stored]).toEqual([])
})

test('the tab keeps the token for the next time', async () => {
  const { session, collector, storage } = setUp('right')
  await session.signIn('right')
  expect((await createSession(collector, storage).fetch('api/v1/nodes')).status).toBe(200)
})

test('a wrong token leaves the one that was there', async () => {
  const { session, stored } = setUp('right')
  await session.signIn('right')
  session.offer(true)
  expect(session.isOffer()).toBe(true)
  await session.signIn('wrong')
  session.offer(false)
  expect(session.isTokenNeeded()).toBe(false)
  expect([...stored.values()]).toEqual(['right'])
  expect((await session.fetch('api/v1/nodes')).status).toBe(200)
})

test('signing out forgets the token', async () => {
  const { session, stored } = setUp('right')
  await session.signIn('right')
  session.signOut()
  expect(session.hasToken()).toBe(false)
  expect([...stored]).toEqual([])
  expect((await session.fetch('api/v1/nodes')).status).toBe(401)
})
