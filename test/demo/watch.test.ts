import { expect, test } from 'vitest'
import { watch } from '../../demo/watch.ts'

test('what has ended is named once, and the watch ends when nothing is left', async () => {
  const printed: string[] = []
  const ended = (name: string): { name: string; logFile: string; isRunning: () => boolean } => ({
    name,
    logFile: `/logs/${name}`,
    isRunning: () => false,
  })
  await watch([ended('a'), ended('b')], (text) => printed.push(text), new AbortController().signal)
  expect(printed).toEqual(['a has ended; its log is /logs/a', 'b has ended; its log is /logs/b'])
})

test('what runs is not mentioned, and the watch ends with its signal', async () => {
  const printed: string[] = []
  const controller = new AbortController()
  let looks = 0
  const running = {
    name: 'a',
    logFile: '/logs/a',
    isRunning: () => {
      looks++
      controller.abort()
      return true
    },
  }
  await watch([running], (text) => printed.push(text), controller.signal)
  expect(looks).toBe(1)
  expect(printed).toEqual([])
})
