import { expect, onTestFinished, test } from 'vitest'
import { Registry } from 'prom-client'
import { openRehearsal } from '../../../collector/http/rehearsal.ts'
import type { Rehearsal } from '../../../collector/http/rehearsal.ts'
import { answering, dependenciesFor, openToAll, scalarOne } from './test-server.ts'
import type { HttpDependencies } from '../../../collector/http/dependencies.ts'

const listenersOf = (resources: readonly string[]): number =>
  resources.filter((name) => name === 'TCPServerWrap' || name === 'TCPServer').length

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

test('it looks and changes nothing', async () => {
  const rehearsal = await rehearse({ auth: openToAll })
  await expect(rehearsal.ask('/api/v1/tokens', never)).rejects.toThrow('answered itself 403')
})

test('nothing listens for it', async () => {
  const before = listenersOf(process.getActiveResourcesInfo())
  const rehearsal = await rehearse({ query: answering(scalarOne) })
  await rehearsal.ask('/api/v1/query?query=up', never)
  expect(listenersOf(process.getActiveResourcesInfo())).toBe(before)
})

test('one that is given up ends at once', async () => {
  const rehearsal = await rehearse({ query: answering(scalarOne) })
  await expect(rehearsal.ask('/api/v1/query?query=up', AbortSignal.abort())).rejects.toThrow(
    'did not answer itself',
  )
})

test('an answer that is an error is told', async () => {
  const rehearsal = await rehearse({})
  await expect(rehearsal.ask('/api/v1/query?query=', never)).rejects.toThrow('answered itself 400')
})
