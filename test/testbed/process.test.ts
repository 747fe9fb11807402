import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { childrenOf, isAlive, signalProcess } from '../../testbed/process-table.ts'
import { startChild } from '../../testbed/process.ts'
import type { Child } from '../../testbed/process.ts'
import { waitFor } from '../../testbed/wait.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pgherd-test-'))
})
afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

/** A Node program given as text, ready once it has printed `ready`. */
async function script(text: string): Promise<Child> {
  const child = await startChild({
    name: 'the script',
    command: process.execPath,
    args: ['-e', text],
    logFile: join(directory, 'log'),
  })
  await child.waitFor('it is ready', () => child.logTail().includes('ready'))
  return child
}

const forever = `setInterval(() => {}, 1000); console.log('ready')`

describe('a child process', () => {
  test('stops at SIGTERM and says how it ended', async () => {
    await using child = await script(forever)
    expect(child.isAlive()).toBe(true)
    expect(child.residentBytes()).toBeGreaterThan(1_000_000)
    await child.stop()
    expect(child.isAlive()).toBe(false)
    expect(child.ending()).toBe('SIGTERM')
    expect(child.residentBytes()).toBe(0)
  })

  test('that ignores SIGTERM is killed after the grace period', async () => {
    await using child = await script(`process.on('SIGTERM', () => {}); ${forever}`)
    await child.stop('SIGTERM', 50)
    expect(child.ending()).toBe('SIGKILL')
  })

  test('that is stopped (SIGSTOP) can still be ended', async () => {
    await using child = await script(forever)
    child.signal('SIGSTOP')
    await child.stop()
    expect(child.isAlive()).toBe(false)
  })

  test('that ends while something is waited for is an error with its last words', async () => {
    const child = await script(`console.log('ready'); console.error('no space left'); process.exitCode = 3`)
    await expect(child.waitFor('it answers', () => undefined)).rejects.toThrow(
      /the script ended \(exit status 3\) before it answers\n[\s\S]*no space left/,
    )
    expect(await child.exited).toBe(3)
  })

  test('that cannot be started is an error', async () => {
    const start = startChild({
      name: 'nothing',
      command: join(directory, 'missing'),
      args: [],
      logFile: join(directory, 'log'),
    })
    await expect(start).rejects.toThrow(/cannot start nothing: .*ENOENT/)
  })

  test('gets none of the variables that would change what it does', async () => {
    process.env['PGHOST'] = 'elsewhere'
    try {
      await using child = await script(`console.log(JSON.stringify(process.env)); ${forever}`)
      expect(child.logTail()).not.toMatch(/PGHOST|NODE_ENV|VITEST/)
      expect(child.logTail()).toContain('"TZ":"UTC"')
    } finally {
      delete process.env['PGHOST']
    }
  })
})

test('a zombie is not alive, although signals reach it', async () => {
  // The shell never waits for its first child, which ends at once and stays a zombie below `sleep`.
  await using parent = await startChild({
    name: 'a careless parent',
    command: '/bin/sh',
    args: ['-c', 'true & echo "$!"; exec sleep 60'],
    logFile: join(directory, 'log'),
  })
  const zombie = await waitFor('the number of the child', () => Number(parent.logTail()) || undefined)
  await waitFor('the child to end', () => !isAlive(zombie))
  expect(signalProcess(zombie, 'SIGCONT')).toBe(true)
  expect(childrenOf(parent.pid)).toEqual([])
})
