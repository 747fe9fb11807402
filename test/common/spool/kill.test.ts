import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { drain, openTestSpool, temporaryDirectory } from './harness.ts'

const program = fileURLToPath(new URL('append-until-killed.ts', import.meta.url))

/** Runs the appending process until it has acknowledged so many records, kills it, and gives the highest number. */
async function appendAndKill(directory: string, first: number, count: number): Promise<number> {
  const child = spawn(process.execPath, [program, directory, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  let highest = -1
  let seen = 0
  for await (const line of createInterface({ input: child.stdout })) {
    highest = Math.max(highest, Number(line))
    if (++seen === count) child.kill('SIGKILL')
  }
  await exited
  return highest
}

test(
  'after kill -9 every acknowledged record is there, whole, once and in order',
  { timeout: 60_000 },
  async () => {
    const directory = await temporaryDirectory()
    let first = 0
    let acknowledged = -1
    for (const count of [1, 57, 130, 211, 333]) {
      acknowledged = await appendAndKill(directory, first, count)
      await using spool = await openTestSpool(directory, { maxBytes: 1 << 28 })
      expect(spool.stats().corruptBytes).toBe(0)
      first = spool.reader('main').backlog().records
      expect(first).toBeGreaterThan(acknowledged)
    }
    await using spool = await openTestSpool(directory, { maxBytes: 1 << 28 })
    const texts = await drain(spool.reader('main'))
    expect(texts.length).toBeGreaterThan(acknowledged)
    for (const [i, text] of texts.entries()) {
      expect(text === `${i}:${'x'.repeat((i * 7919) % 4000)}` ? i : text.slice(0, 40)).toBe(i)
    }
  },
)

test('the directory is locked against other processes while one lives, and free when that is killed', async () => {
  const directory = await temporaryDirectory()
  const child = spawn(process.execPath, [program, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  await once(child.stdout, 'data')
  await expect(openTestSpool(directory)).rejects.toMatchObject({ code: 'DIRECTORY_LOCKED' })
  child.kill('SIGKILL')
  await exited
  await using spool = await openTestSpool(directory, { maxBytes: 1 << 28 })
  expect(spool.reader('main').backlog().records).toBeGreaterThan(0)
})
