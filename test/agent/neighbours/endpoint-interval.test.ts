import { describe, expect, test } from 'vitest'
import type { Neighbour } from '../../../agent/neighbours/neighbour.ts'
import { sampleMap } from './exposition/samples-of.ts'
import { roundAt } from './probing.ts'
import { serving } from './serving.ts'
import { endpoint } from './test-endpoint.ts'

test('a result that is given again is the very same table, a new one never is', async () => {
  const url = await serving((_, response) => response.end('a{x="1"} 1\nb 2\n'))
  const own = async (source: Neighbour, atMs: number) =>
    (await source.measure(roundAt(atMs))).tables.filter(
      ({ metrics }) => !metrics.includes('pgherd_endpoint_age_seconds'),
    )
  const [seldom, often] = [endpoint(url, { intervalMs: 30_000 }), endpoint(url)]
  const [first, second, third] = [await own(seldom, 0), await own(seldom, 10_000), await own(seldom, 30_000)]
  const [fourth, fifth] = [await own(often, 0), await own(often, 10_000)]
  expect(first).toHaveLength(3)
  for (const [i, table] of first.entries()) {
    expect(second[i]).toBe(table)
    expect(third[i]).not.toBe(table)
    expect(fifth[i]).not.toBe(fourth[i])
  }
})

describe('with an interval of its own', () => {
  test('the result is repeated with its age until it is due', async () => {
    let asked = 0
    const url = await serving((_, response) => response.end(`a ${++asked}\n`))
    const source = endpoint(url, { intervalMs: 30_000 })
    const seen: unknown[] = []
    for (const atMs of [0, 10_000, 20_000, 30_000, 40_000, 5_000]) {
      const samples = sampleMap((await source.measure(roundAt(atMs))).tables)
      seen.push([samples.get('a'), samples.get('pgherd_endpoint_age_seconds')])
    }
    expect(seen).toEqual([
      [1, 0],
      [1, 10],
      [1, 20],
      [2, 0],
      [2, 10],
      // The clock was set back.
      [3, 0],
    ])
  })

  test('one that is down is asked again at once, one that hangs only when it is due', async () => {
    let mode = 'down'
    let asked = 0
    const url = await serving((_, response) => {
      asked++
      if (mode === 'down') response.writeHead(500).end()
      if (mode === 'up') response.end('a 1\n')
    })
    const source = endpoint(url, { intervalMs: 30_000, timeoutMs: 100 })
    const up = async (atMs: number): Promise<boolean> => (await source.measure(roundAt(atMs))).up
    expect([await up(0), await up(10_000)]).toEqual([false, false])
    expect(asked).toBe(2)
    mode = 'hung'
    expect([await up(20_000), await up(30_000), await up(40_000)]).toEqual([false, false, false])
    expect(asked).toBe(3)
    mode = 'up'
    expect(await up(50_000)).toBe(true)
  })
})
