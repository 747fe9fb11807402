import { expect, test } from 'vitest'
import { PgherdError } from '../../../../common/errors.ts'
import { createQueries } from '../../../../collector/store/victoriametrics/queries.ts'
import type { EngineRequest } from '../../../../collector/store/victoriametrics/failover.ts'

const empty = '{"status":"success","data":{"resultType":"matrix","result":[]}}'
const signal = new AbortController().signal

/** An engine that answers the same to everything, and what it was asked. */
function engine(
  answer: () => { readonly status: number; readonly text: string } = () => ({ status: 200, text: empty }),
) {
  const requests: EngineRequest[] = []
  const queries = createQueries({
    select: {
      async send(request) {
        requests.push(request)
        const { status, text } = await Promise.resolve().then(answer)
        return { status, headers: {}, body: Buffer.from(text) }
      },
    },
    path: '/select/0/prometheus/api/v1',
    limits: { maxSeries: 10, maxSamples: 100 },
  })
  const form = () => Object.fromEntries(new URLSearchParams(String(requests.at(-1)?.body)))
  return { queries, requests, form }
}

test('an instant query is of the moment that was asked for, and has the deadline of its asker', async () => {
  const { queries, requests, form } = engine()
  await queries.instant('up', 1_500, { signal, timeoutMs: 2_000, lookbackMs: 60_000 })
  expect(requests[0]).toMatchObject({ method: 'POST', path: '/select/0/prometheus/api/v1/query', signal })
  expect(form()).toEqual({
    query: 'up',
    time: '1.500',
    nocache: '1',
    timeout: '2000ms',
    max_lookback: '60000ms',
  })
})

test.each([
  [
    'on the grid of its step uses the cache, and never gets a point behind its end',
    60_000,
    179_000,
    undefined,
    '120.000',
  ],
  ['between the grid has the times that were asked for', 61_000, 182_000, '1', '181.000'],
])('a range query %s', async (_, startMs, endMs, nocache, end) => {
  const { queries, form } = engine()
  await queries.range('up', startMs, endMs, 60_000, { signal, timeoutMs: 2_000 })
  expect(form()).toMatchObject({ start: `${startMs / 1000}.000`, end, step: '60000ms' })
  expect(form()['nocache']).toBe(nocache)
})

test('an answer from which storage nodes are missing says so, and for rules it is none', async () => {
  const partial = '{"status":"success","isPartial":true,"data":{"resultType":"vector","result":[]}}'
  const { queries, form } = engine(() => ({ status: 200, text: partial }))
  const { warnings } = await queries.instant('up', 0, { signal, timeoutMs: 1_000 })
  expect(warnings).toEqual(['the result is partial: some storage nodes of VictoriaMetrics did not answer'])
  await queries.instant('up', 0, { signal, timeoutMs: 1_000, requireWhole: true })
  expect(form()).toMatchObject({ deny_partial_response: '1' })
})

test('what the engine refuses is told in its words', async () => {
  const { queries } = engine(() => ({ status: 422, text: '{"error":"unparsed data left: \\"x\\""}' }))
  await expect(queries.instant('a x', 0, { signal, timeoutMs: 1_000 })).rejects.toMatchObject({
    code: 'QUERY_INVALID',
    message: 'VictoriaMetrics: unparsed data left: "x"',
  })
})

test('an answer is no larger than the limits of its samples and series', async () => {
  const { queries, requests } = engine()
  await queries.instant('up', 0, { signal, timeoutMs: 1_000 })
  expect(requests[0]?.maxAnswerBytes).toBe(10 * 2048 + 100 * 40)
})

test('the memory for an answer is set aside before it is read', async () => {
  const { queries } = engine(() => ({ status: 200, text: empty }))
  const reserve = () => {
    throw new PgherdError('OVERLOADED', 'other queries hold too much')
  }
  const query = queries.instant('up', 0, { signal, timeoutMs: 1_000, reserve })
  await expect(query).rejects.toMatchObject({ code: 'OVERLOADED' })
})
