import { expect, test } from 'vitest'
import { whoAmIAnswer } from '../../../../common/wire/whoami.ts'
import { bearer, startTrustingServer } from '../auth/trusting.ts'

test.each(['viewer', 'operator', 'admin'] as const)('a %s is told so', async (role) => {
  const { server, tokenOf } = await startTrustingServer()
  const answer = await server.inject({ url: '/api/v1/whoami', headers: bearer(await tokenOf(role)) })
  expect(whoAmIAnswer.parse(answer.json()).data).toEqual({ name: `the-${role}`, role })
})

test('whoever needs no token has no name', async () => {
  const { server } = await startTrustingServer({ anonymousRole: 'viewer' })
  const answer = await server.inject({ url: '/api/v1/whoami' })
  expect(whoAmIAnswer.parse(answer.json()).data).toEqual({ name: null, role: 'viewer' })
})

test('a token that is unknown is nobody', async () => {
  const { server } = await startTrustingServer({ anonymousRole: 'admin' })
  const answer = await server.inject({ url: '/api/v1/whoami', headers: bearer('pgh_unknown') })
  expect(answer.statusCode).toBe(401)
})
