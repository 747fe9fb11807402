import { expect, test, vi } from 'vitest'
import { storing } from '../stored-series.ts'
import { startServer } from '../test-server.ts'

const form = { 'content-type': 'application/x-www-form-urlencoded' }
const up = [{ name: '__name__', operator: '=', value: 'up' }]

test.each([
  ['POST', '/api/v1/admin/tsdb/delete_series'],
  ['PUT', '/prometheus/api/v1/admin/tsdb/delete_series'],
  ['POST', '/delete/0/prometheus/api/v1/admin/tsdb/delete_series'],
] as const)('%s %s deletes the series of match[]', async (method, url) => {
  const { administration, deleted } = storing([])
  const server = await startServer({ administration })
  const answer = await server.inject({ method, url: `${url}?match[]=up` })
  expect(answer.statusCode).toBe(204)
  expect(answer.body).toBe('')
  expect(deleted).toEqual([[up]])
})

test('GET does not delete', async () => {
  const { administration, deleted } = storing([])
  const server = await startServer({ administration })
  const answer = await server.inject({ url: '/api/v1/admin/tsdb/delete_series?match[]=up' })
  expect(answer.statusCode).toBe(405)
  expect(deleted).toEqual([])
})

test.each([
  ['', 'no match[] parameter provided'],
  [
    'match[]=up&start=5',
    'invalid parameter "start": series are deleted with all of their samples, not in a range of time',
  ],
  [
    'match[]=up&end=now',
    'invalid parameter "end": series are deleted with all of their samples, not in a range of time',
  ],
])('deletion with %j is refused', async (payload, error) => {
  const { administration, deleted } = storing([])
  const server = await startServer({ administration })
  const answer = await server.inject({
    method: 'POST',
    url: '/api/v1/admin/tsdb/delete_series',
    headers: form,
    payload,
  })
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({ error })
  expect(deleted).toEqual([])
})

test('a range that leaves nothing out is accepted', async () => {
  const { administration } = storing([])
  const server = await startServer({ administration })
  const url = '/api/v1/admin/tsdb/delete_series?match[]=up&start=0&end=292277025-08-18T07:12:54.999999999Z'
  expect((await server.inject({ method: 'POST', url })).statusCode).toBe(204)
})

test.each([
  ['POST', '/api/v1/admin/tsdb/delete_series?match[]=up', { origin: 'http://evil.example' }],
  ['POST', '/snapshot/delete_all', { origin: 'null' }],
  ['GET', '/snapshot/create', { 'sec-fetch-site': 'cross-site' }],
  ['POST', '/api/v1/admin/tsdb/snapshot', { origin: 'http://evil.example' }],
] as const)('%s %s from the page of another site is refused', async (method, url, headers) => {
  const { administration, deleted, snapshots } = storing([])
  const server = await startServer({ administration })
  expect((await server.inject({ method, url, headers })).statusCode).toBe(403)
  expect([deleted, snapshots]).toEqual([[], []])
})

test('a snapshot is answered as Prometheus and as VictoriaMetrics do', async () => {
  const server = await startServer({ administration: storing([]).administration })
  const ofPrometheus = await server.inject({ method: 'POST', url: '/api/v1/admin/tsdb/snapshot' })
  expect(ofPrometheus.json()).toEqual({ status: 'success', data: { name: 'snapshot-1' } })
  expect((await server.inject({ url: '/snapshot/create' })).json()).toEqual({
    status: 'ok',
    snapshot: 'snapshot-2',
  })
  expect((await server.inject({ url: '/snapshot/list' })).json()).toEqual({
    status: 'ok',
    snapshots: ['snapshot-1', 'snapshot-2'],
  })
})

test('snapshots are deleted one by one or all together', async () => {
  const { administration, snapshots } = storing([])
  const server = await startServer({ administration })
  for (let i = 0; i < 3; i++) await server.inject({ url: '/snapshot/create' })
  const one = await server.inject({ method: 'POST', url: '/snapshot/delete?snapshot=snapshot-2' })
  expect(one.json()).toEqual({ status: 'ok' })
  expect(snapshots.map(({ name }) => name)).toEqual(['snapshot-1', 'snapshot-3'])
  const unknown = await server.inject({ method: 'POST', url: '/snapshot/delete?snapshot=nothing' })
  expect(unknown.statusCode).toBe(404)
  expect(unknown.json()).toEqual({ status: 'error', msg: 'cannot find snapshot "nothing"' })
  expect((await server.inject({ method: 'POST', url: '/snapshot/delete_all' })).json()).toEqual({
    status: 'ok',
  })
  expect(snapshots).toEqual([])
})

test('clean_tombstones is answered when the store is tidy, force_merge at once', async () => {
  const tidy = Promise.withResolvers<undefined>()
  let asked = 0
  const maintain = async () => {
    asked++
    await tidy.promise
  }
  const server = await startServer({ administration: { ...storing([]).administration, maintain } })
  expect((await server.inject({ url: '/internal/force_merge' })).body).toBe('OK')
  const cleaned = server.inject({ method: 'POST', url: '/api/v1/admin/tsdb/clean_tombstones' })
  await vi.waitFor(() => expect(asked).toBe(2))
  tidy.resolve(undefined)
  expect((await cleaned).statusCode).toBe(204)
})

test('force_flush has nothing to do', async () => {
  const server = await startServer()
  expect((await server.inject({ url: '/internal/force_flush' })).body).toBe('OK')
})
