import { expect, test } from 'vitest'
import type { Key } from '../../agentctl/screen.ts'
import { failure, fakeCollector, nodeCalled } from './fake-collector.ts'
import type { AgentctlWorld } from './run-agentctl.ts'
import { runAgentctl } from './run-agentctl.ts'

const vector = { resultType: 'vector', result: [] }

/** A collector whose node has another role at each look; from the given look on it is out of order. */
async function changing(brokenFrom = Infinity) {
  let looks = 0
  return fakeCollector({
    'POST /api/v1/query': () => vector,
    'GET /api/v1/nodes'() {
      looks++
      if (looks >= brokenFrom) return failure('unavailable', 'the store is away')
      return [nodeCalled('pg-main-1', { role: looks % 2 === 1 ? 'primary' : 'standby' })]
    },
  })
}

/** A world that ends after so many looks. */
function ending(looks: number): Pick<AgentctlWorld, 'signal' | 'sleep'> & { readonly slept: number[] } {
  const stop = new AbortController()
  const slept: number[] = []
  return {
    slept,
    signal: stop.signal,
    sleep(ms) {
      if (slept.push(ms) === looks) stop.abort()
      return Promise.resolve()
    },
  }
}

test('where there is no terminal, each look is printed with its time', async () => {
  const { url } = await changing()
  const world = ending(2)
  const { out, error } = await runAgentctl(['watch', '--every', '5s', 'nodes', '-c', 'pg-main'], {
    url,
    ...world,
    width: 200,
  })
  expect(error).toBeUndefined()
  expect(out).toMatchInlineSnapshot(`
    "agentctl nodes -c pg-main  every 5s  2023-11-14 22:15:00 UTC
    NODE       CLUSTER  IP        SERVER  ROLE     AGENT      LAST SAMPLE  VERSION
    pg-main-1  pg-main  10.0.0.1  up      primary  connected       8s ago  0.1.0

    agentctl nodes -c pg-main  every 5s  2023-11-14 22:15:00 UTC
    NODE       CLUSTER  IP        SERVER  ROLE     AGENT      LAST SAMPLE  VERSION
    pg-main-1  pg-main  10.0.0.1  up      standby  connected       8s ago  0.1.0
    "
  `)
  expect(world.slept).toEqual([5000, 5000])
})

test('without a command it is the clusters and the nodes', async () => {
  const { url } = await changing()
  const { out } = await runAgentctl(['watch'], { url, ...ending(1), width: 200 })
  expect(out).toMatch(/^CLUSTER[^]*\n\nNODE/m)
})

test('the format is that of the call', async () => {
  const { url } = await changing()
  const { out } = await runAgentctl(['watch', 'nodes', '-o', 'tsv'], { url, ...ending(1) })
  expect(out).toContain('NODE\tCLUSTER\tIP')
})

test('a first look that fails ends it, a later one is told and tried again', async () => {
  const first = await changing(1)
  const failed = await runAgentctl(['watch', 'nodes'], { url: first.url, ...ending(2) })
  expect(failed.error).toMatchObject({ exit: 4 })
  const later = await changing(2)
  const { out, error } = await runAgentctl(['watch', 'nodes'], { url: later.url, ...ending(3) })
  expect(error).toBeUndefined()
  expect(out.match(/^! the store is away$/gm)).toHaveLength(2)
})

test.each([
  [['run', 'reload'], 'clusters, nodes'],
  [['watch'], 'clusters, nodes'],
  [['events', '-f'], 'one of the two'],
])('%j is not watched', async (words, said) => {
  const { error } = await runAgentctl(['watch', ...words], { url: 'http://127.0.0.1:1' })
  expect(error).toMatchObject({ exit: 2, message: expect.stringContaining(said) as string })
})

/** A screen of so many lines, and the keys that are pressed at each drawing. */
function screenOf(height: number, keys: readonly Key[]) {
  const drawn: (readonly string[])[] = []
  let isOpen = false
  const openScreen: AgentctlWorld['openScreen'] = (onKey) => {
    isOpen = true
    return {
      width: 60,
      height,
      draw(lines) {
        drawn.push(lines)
        // When whatever draws waits for keys again.
        const key = keys[drawn.length - 1]
        if (key !== undefined) setImmediate(() => onKey(key))
      },
      [Symbol.dispose]: () => void (isOpen = false),
    }
  }
  return { drawn, openScreen, isOpen: () => isOpen }
}

test('on a terminal it is drawn as a whole, a key looks at once and q ends it', async () => {
  const { url } = await changing()
  const screen = screenOf(20, ['r', 'resize', 'q'])
  const { error } = await runAgentctl(['watch', '--every', '1h', 'nodes'], { url, width: 60, ...screen })
  expect(error).toBeUndefined()
  expect(screen.drawn).toHaveLength(3)
  expect(screen.drawn[2]?.[0]).toContain('agentctl nodes  every 1h00m')
  expect(screen.drawn[1]?.join('\n')).toContain('standby')
  expect(screen.drawn.flat().every((line) => line.length <= 60)).toBe(true)
  expect(screen.isOpen()).toBe(false)
})

test('what does not fit is cut off, and said', async () => {
  const many = Array.from({ length: 50 }, (_, i) => nodeCalled(`pg-main-${i}`))
  const { url } = await fakeCollector({ 'GET /api/v1/nodes': () => many })
  const screen = screenOf(10, ['interrupt'])
  await runAgentctl(['watch', 'nodes'], { url, ...screen })
  expect(screen.drawn[0]).toHaveLength(10)
  expect(screen.drawn[0]?.at(-1)).toBe('… 44 more lines')
})
