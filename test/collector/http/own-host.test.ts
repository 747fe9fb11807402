import { expect, test } from 'vitest'
import { startServer } from './test-server.ts'

const asked = async (host: string) => {
  const server = await startServer({ hostNames: ['pgherd.example'] })
  return server.inject({ url: '/api/v1/query?query=1', headers: { host } })
}

test.each([
  'localhost:8432',
  'a.localhost',
  '127.0.0.1:8432',
  '[::1]:8432',
  '10.1.2.3',
  'PGHERD.example.:443',
])('%s is this collector', async (host) => {
  expect((await asked(host)).statusCode).toBe(200)
})

test.each(['evil.example:8432', 'pgherd.example.evil.example', '127.0.0.1.evil.example', 'notlocalhost'])(
  'a page whose own name %s leads here learns nothing',
  async (host) => {
    const answer = await asked(host)
    expect(answer.statusCode).toBe(403)
    expect(answer.json()).toEqual({
      status: 'error',
      errorType: 'forbidden',
      error: `"${host}" is no name of this collector; what people reach it under is set by http.external_url`,
    })
  },
)
