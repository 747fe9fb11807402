import { expect, onTestFinished, test } from 'vitest'
import { Registry } from 'prom-client'
import { openRehearsal } from '../../../collector/http/rehearsal.ts'
import type { Rehearsal } from '../../../collector/http/rehearsal.ts'
import { answering, dependenciesFor, openToAll, scalarOne } from './test-server.ts'
import type { HttpDependencies } from '../../../collector/http/dependencies.ts'

const never = new AbortController().signal

async function rehearse(parts: Partial<HttpDependencies>): Promise<Rehearsal> {
  const rehearsal = await openRehearsal(dependenciesFor(parts))
  onTestFinished(() => rehearsal[Symbol.asyncDispose]())
  return rehearsal
}

test('a question goes all the way to the engine', async () => {
  const query = answering(scalarOne)
  const rehearsal = await rehearse({ query })
  await rehearsal.ask('/api/v1/query?query=up&time=7', never)
  expect(query.asked).toEqual([['up', 7000]])
})

test('what is asked is counted in no metric of the collector', async () => {
  const registry = new Registry()
  const rehearsal = await rehearse({ registry })
  await rehearsal.ask('/api/v1/query?query=up', never)
  expect(await registry.metrics()).not.toContain('pgherd_collector_http')
})

test('nobody else gets in, whoever may use the collector without a token', async () => {
  const rehearsal = await rehearse({ auth: openToAll })
  const headers = { authorization: 'Bearer pgh_guessed' }
  for (const init of [{}, { headers }]) {
    const { status } = await fetch(`${rehearsal.url}/api/v1/query?query=up`, init)
    expect(status).toBe(401)
  }
})

test('an answer that is an error is told', async () => {
  const rehearsal = await rehearse({})
  await expect(rehearsal.ask('/api/v1/query?query=', never)).rejects.toThrow('answered itself 400')
})
