import { EventEmitter, once } from 'node:events'
import { connect } from 'node:net'
import type { FastifyReply } from 'fastify'
import { expect, test } from 'vitest'
import { createAnswerBudget } from '../../../collector/http/answer-budget.ts'
import { answering, startServer } from './test-server.ts'

const reply = () => ({ raw: new EventEmitter() }) as unknown as FastifyReply

test('an answer over the limit is refused with what to do', async () => {
  const timestamps = new Float64Array(1000)
  const series = [{ labels: [], timestamps, values: timestamps }]
  const server = await startServer({
    query: answering({ kind: 'matrix', series }),
    limits: { answerSamples: 1000 },
  })
  const answer = await server.inject({ url: '/api/v1/query?query=x' })
  expect(answer.statusCode).toBe(422)
  expect(answer.json()).toMatchObject({
    errorType: 'execution',
    error: expect.stringMatching(
      /^the answer has 1016 samples, and at most 1000 are sent; ask for fewer/,
    ) as string,
  })
})

test('answers that are not taken keep further ones out until they are', () => {
  const budget = createAnswerBudget({ answerSamples: 100, sendingSamples: 150 })
  const first = reply()
  budget.take(first, 100)
  expect(() => budget.take(reply(), 60)).toThrow('have not taken yet')
  budget.take(reply(), 50)
  first.raw.emit('close')
  budget.take(reply(), 60)
  expect(budget.taken).toBe(110)
})

test('an answer in pieces counts for what sending it needs, too', () => {
  const budget = createAnswerBudget({ answerSamples: 100_000, sendingSamples: 100_000 })
  budget.take(reply(), 2_000)
  expect(() => budget.take(reply(), 40_000)).toThrow('have not taken yet')
  budget.take(reply(), 500)
  expect(budget.taken).toBe(2_000 + 65_536 + 500)
})

test('while there is no room for an answer, none is computed', async () => {
  const timestamps = new Float64Array(1_000_000)
  const query = answering({ kind: 'matrix', series: [{ labels: [], timestamps, values: timestamps }] })
  const server = await startServer({ query, limits: { sendingSamples: 1_000_000 } })
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write('GET /api/v1/query?query=x HTTP/1.1\r\nHost: localhost\r\n\r\n')
  // Its beginning has come, and the rest is not taken.
  await once(socket, 'readable')
  const refused = await fetch(`${url}/api/v1/query?query=x`)
  expect(refused.status).toBe(429)
  expect(query.asked).toHaveLength(1)
  socket.destroy()
})

test('one answer is always sent, however small the budget of all is', () => {
  const budget = createAnswerBudget({ answerSamples: 100, sendingSamples: 10 })
  budget.take(reply(), 100)
  expect(budget.taken).toBe(100)
})
