import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { collectorClient } from '../../../../collector/web/api/client.ts'
import { fakeNode } from '../fake-collector.ts'

const idle = new AbortController().signal

function answering(status: number, body: string): { fetch: typeof fetch; asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    fetch: (input) => {
      asked.push(input instanceof Request ? input.url : String(input))
      return Promise.resolve(new Response(body, { status }))
    },
  }
}
const json = (data: unknown): string => JSON.stringify({ status: 'success', data })

describe('answers', () => {
  test('nodes are what the wire contract says', async () => {
    const node = fakeNode('pg-main-1', 'primary')
    expect(await collectorClient(answering(200, json([node])).fetch).nodes(idle)).toEqual([node])
  })

  test('a range is asked with its ends and step and read point by point', async () => {
    const result = [
      {
        metric: { ins: 'a-1' },
        values: [
          [10, '1'],
          [20, 'NaN'],
        ],
      },
    ]
    const { fetch, asked } = answering(200, json({ resultType: 'matrix', result }))
    const series = await collectorClient(fetch).range('up{ins="a b"}', { start: 10, end: 20, step: 10 }, idle)
    expect(series).toEqual([{ labels: { ins: 'a-1' }, times: [10, 20], values: [1, NaN] }])
    expect(asked).toEqual(['api/v1/query_range?query=up%7Bins%3D%22a+b%22%7D&start=10&end=20&step=10'])
  })
})

test('a query that is too long for an address goes as a form', async () => {
  const asked: [string, RequestInit | undefined][] = []
  const client = collectorClient((input, init) => {
    asked.push([String(input instanceof Request ? input.url : input), init])
    return Promise.resolve(new Response(json({ resultType: 'matrix', result: [] })))
  })
  const expr = `up{ins=~"${'pg-main-1|'.repeat(1000)}"}`
  await client.range(expr, { start: 10, end: 20, step: 10 }, idle)
  const [[path, init] = []] = asked
  expect([path, init?.method]).toEqual(['api/v1/query_range', 'POST'])
  expect(new Headers(init?.headers).get('content-type')).toBe('application/x-www-form-urlencoded')
  expect(init?.body).toBe(new URLSearchParams({ query: expr, start: '10', end: '20', step: '10' }).toString())
})

describe("the collector's clock", () => {
  async function offsetFor(dateMs: number): Promise<number> {
    const client = collectorClient(() =>
      Promise.resolve(new Response(json([]), { headers: { date: new Date(dateMs).toUTCString() } })),
    )
    await client.nodes(idle)
    return client.clockOffsetMs()
  }

  test('is followed when it differs', async () => {
    const offset = await offsetFor(Date.now() + 3_600_000)
    expect(Math.abs(offset - 3_600_000)).toBeLessThan(2000)
  })

  test('is taken as the same within the resolution of its header', async () => {
    expect(await offsetFor(Date.now() - 1000)).toBe(0)
  })
})

describe('failures are sentences', () => {
  const nodes = (status: number, body: string): Promise<unknown> =>
    collectorClient(answering(status, body).fetch).nodes(idle)

  test("the collector's own words where it has some", async () => {
    const body = JSON.stringify({ status: 'error', errorType: 'execution', error: 'too many samples' })
    await expect(nodes(422, body)).rejects.toThrow(/^too many samples$/)
  })

  test('the status where a proxy answers in its place', async () => {
    await expect(nodes(502, '<html>Bad gateway</html>')).rejects.toThrow(/^The collector answered HTTP 502$/)
  })

  test('a shape from another version asks for a reload', async () => {
    await expect(nodes(200, json([{ node: 1 }]))).rejects.toThrow(/reload/)
  })

  test('a malformed point of a matrix is refused', async () => {
    const result = [{ metric: {}, values: [[10, 1]] }]
    const client = collectorClient(answering(200, json({ resultType: 'matrix', result })).fetch)
    await expect(client.range('up', { start: 0, end: 10, step: 10 }, idle)).rejects.toThrow(/reload/)
  })

  test('a connection that is refused', async () => {
    const client = collectorClient(() => Promise.reject(new TypeError('Failed to fetch')))
    await expect(client.nodes(idle)).rejects.toThrow(/^The collector cannot be reached$/)
  })

  test('an aborted call rejects with the reason of the abort', async () => {
    const controller = new AbortController()
    const reason = new Error('superseded')
    const client = collectorClient((_, init) => {
      controller.abort(reason)
      return Promise.reject(init?.signal?.reason as Error)
    })
    await expect(client.nodes(controller.signal)).rejects.toBe(reason)
  })
})

test('any other address is asked with parameters that may repeat', async () => {
  const { fetch, asked } = answering(200, json(['a']))
  const answer = z.object({ data: z.array(z.string()) })
  const parameters = { 'match[]': ['up', 'x'], limit: '5' }
  const { data } = await collectorClient(fetch).get('api/v1/labels', parameters, answer, idle)
  expect(data).toEqual(['a'])
  expect(asked).toEqual(['api/v1/labels?match%5B%5D=up&match%5B%5D=x&limit=5'])
})

describe('changes', () => {
  test('are sent as JSON with their method', async () => {
    const sent: (RequestInit | undefined)[] = []
    const fetch: typeof globalThis.fetch = (_path, init) => {
      sent.push(init)
      return Promise.resolve(new Response('{"silenceID":"s1"}'))
    }
    const change = { method: 'POST', path: 'api/v2/silences', body: { comment: 'x' } } as const
    const answer = await collectorClient(fetch).send(change, z.object({ silenceID: z.string() }), idle)
    expect(answer).toEqual({ silenceID: 's1' })
    expect(sent[0]).toMatchObject({
      method: 'POST',
      body: '{"comment":"x"}',
      headers: { 'content-type': 'application/json' },
    })
  })

  test('that are refused say why', async () => {
    const refusal = JSON.stringify({
      status: 'error',
      errorType: 'forbidden',
      error: 'this needs the role operator; the token anna has the role viewer',
    })
    const client = collectorClient(answering(403, refusal).fetch)
    await expect(
      client.send({ method: 'DELETE', path: 'api/v2/silence/1' }, z.unknown(), idle),
    ).rejects.toThrow('this needs the role operator')
  })
})
