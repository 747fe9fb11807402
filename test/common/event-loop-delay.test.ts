import { Registry } from 'prom-client'
import { expect, onTestFinished, test } from 'vitest'
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
  addEventLoopDelay(registry)
  expect(await lag(registry, 'max')).toBe(0)
  const holding = setInterval(() => hold(200), 300)
  onTestFinished(() => clearInterval(holding))
  const longest = await waitFor('a look that came late', async () => {
    hold(250)
    // The timer of the look is due by then.
    await new Promise((resolve) => setTimeout(resolve, 150))
    const seconds = await lag(registry, 'max')
    return seconds > 0.05 ? seconds : undefined
  })
  expect(longest).toBeLessThan(0.5)
})
