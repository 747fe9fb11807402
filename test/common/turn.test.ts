import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { nextTurn } from '../../common/turn.ts'

/** Records in which round of the event loop each of `count` computations ran its slices. */
async function rounds(count: number, slices: number): Promise<number[]> {
  let round = 0
  let running = count
  const ran: number[] = []
  const computation = async (): Promise<void> => {
    for (let i = 0; i < slices; i++) {
      await nextTurn()
      ran.push(round)
    }
    running--
  }
  const all = Array.from({ length: count }, computation)
  while (running > 0) {
    await setImmediate()
    round++
  }
  await Promise.all(all)
  return ran
}

test('of many computations one runs a slice per round of the event loop', async () => {
  const ran = await rounds(5, 3)
  expect(new Set(ran).size).toBe(15)
})

test('they take turns, so that a short one does not wait for a long one to end', async () => {
  const order: string[] = []
  const run = async (name: string, slices: number): Promise<void> => {
    for (let i = 0; i < slices; i++) {
      await nextTurn()
      order.push(name)
    }
  }
  await Promise.all([run('long', 4), run('short', 2)])
  expect(order).toEqual(['long', 'short', 'long', 'short', 'long', 'long'])
})
