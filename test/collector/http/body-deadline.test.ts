import { expect, test } from 'vitest'
import { createHttpServer } from '../../../collector/http/server.ts'
import { createManualClock, settled } from '../../manual-clock.ts'
import { dependenciesFor, openToAll } from './test-server.ts'

test('a server that is closed waits for no body any more, whatever became of its request', async () => {
  const clock = createManualClock(1_000)
  const server = await createHttpServer(
    dependenciesFor({
      clock,
      auth: {
        checkToken: () => ({ refused: 'unknown' }),
        certificateProblem: () => 'unknown',
        onRevoked: () => undefined,
        tokens: openToAll.tokens,
      },
    }),
  )
  // Refused before its body is read, so that nobody hears of the body's end.
  const { statusCode } = await server.inject({ method: 'POST', url: '/api/v1/query', payload: 'query=up' })
  expect(statusCode).toBe(401)
  await server[Symbol.asyncDispose]()
  await settled()
  expect(clock.sleepers).toBe(0)
})
