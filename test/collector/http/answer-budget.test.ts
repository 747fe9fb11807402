import { EventEmitter } from 'node:events'
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

test('one answer is always sent, however small the budget of all is', () => {
  const budget = createAnswerBudget({ answerSamples: 100, sendingSamples: 10 })
  budget.take(reply(), 100)
  expect(budget.taken).toBe(100)
})
