import { describe, expect, test } from 'vitest'
import type { CollectorClient } from '../../../../collector/web/api/client.ts'
import { facts, factText, lagFact, loadFacts } from '../../../../collector/web/fleet/facts.ts'

const idle = new AbortController().signal

function answering(answer: CollectorClient['valuesByInstance']): CollectorClient {
  const unasked = (): never => {
    throw new Error('not asked here')
  }
  return {
    nodes: unasked,
    alerts: unasked,
    version: unasked,
    clockOffsetMs: () => 0,
    range: unasked,
    valuesByInstance: answer,
    get: unasked,
  }
}

describe('facts of nodes', () => {
  test('one that fails costs itself', async () => {
    const values = await loadFacts(
      answering((expr) =>
        expr === lagFact.expr ? Promise.reject(new Error('no')) : Promise.resolve(new Map([['a-1', 3]])),
      ),
      idle,
    )
    expect(factText(lagFact, 'a-1', values)).toBe('–')
    expect(facts.filter((fact) => factText(fact, 'a-1', values) !== '–')).toHaveLength(facts.length - 1)
  })

  test('all failing is a failure with its reason', async () => {
    await expect(
      loadFacts(
        answering(() => Promise.reject(new Error('out of reach'))),
        idle,
      ),
    ).rejects.toThrow('out of reach')
  })
})
