import { describe, expect, test } from 'vitest'
import { waitFor } from '../../testbed/wait.ts'

describe('waiting for a condition', () => {
  test('gives what the condition found', async () => {
    let looks = 0
    expect(await waitFor('three looks', () => ++looks === 3 && 'found', { intervalMs: 1 })).toBe('found')
    expect(looks).toBe(3)
  })

  test('ends at the deadline with what was waited for and an explanation', async () => {
    const wait = waitFor('Godot', () => undefined, {
      timeoutMs: 20,
      intervalMs: 1,
      explain: () => 'he said tomorrow',
    })
    await expect(wait).rejects.toThrow('timed out after 0.02 s waiting for Godot\nhe said tomorrow')
  })

  test('an error of the condition ends it', async () => {
    await expect(waitFor('nothing', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  })

  test('ends when its signal aborts', async () => {
    const controller = new AbortController()
    const wait = waitFor('nothing', () => undefined, { signal: controller.signal, intervalMs: 60_000 })
    controller.abort()
    await expect(wait).rejects.toThrow('aborted')
  })
})
