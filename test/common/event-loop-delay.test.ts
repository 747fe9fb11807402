import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { addEventLoopDelay } from '../../common/event-loop-delay.ts'
import { waitFor } from '../../testbed/wait.ts'

async function lag(registry: Registry, kind: string): Promise<number> {
  const text = await registry.metrics()
  return Number(new RegExp(`^nodejs_eventloop_lag_${kind}_seconds (\\S+)$`, 'm').exec(text)?.[1])
}

function hold(ms: number): void {
  const endMs = performance.now() + ms
  while (performance.now() < endMs);
}

test('what holds the event loop up shows with its length, and not the time between two looks', async () => {
  const registry = new Registry()
  addEventLoopDelay(registry, 0)
  expect(await lag(registry, 'max')).toBe(0)
  const longest = await waitFor('a look that came late', async () => {
    hold(600)
    const seconds = await lag(registry, 'max')
    return seconds > 0.05 ? seconds : undefined
  })
  expect(longest).toBeLessThan(1)
  expect(await lag(registry, 'p99')).toBe(longest)
})
