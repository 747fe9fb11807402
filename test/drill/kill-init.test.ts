import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const run = promisify(execFile)

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-init-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

function initArguments(store: string): readonly string[] {
  return ['collector/main.ts', 'init', '--store-directory', store]
}

test('init that is killed at any moment leaves nothing or all of it, and the next one makes it whole', async () => {
  const store = join(temporaryDirectory(), 'store')
  const trust = join(store, 'trust')
  const startedAt = performance.now()
  await run(process.execPath, [...initArguments(join(temporaryDirectory(), 'store'))])
  let tookMs = performance.now() - startedAt
  let killed = 0
  for (let i = 0; i < 12; i++) {
    const beganAt = performance.now()
    const child = spawn(process.execPath, initArguments(store), { stdio: 'ignore' })
    const ended = once(child, 'exit')
    // The second half is where files are written.
    await Promise.race([sleep(tookMs * (0.5 + i / 24)), ended])
    if (child.kill('SIGKILL')) killed++
    // The first one may have been slower than those after it, which find its files in memory.
    else tookMs = Math.min(tookMs, performance.now() - beganAt)
    await ended
    if (!existsSync(trust)) continue
    expect(readdirSync(trust)).toEqual(expect.arrayContaining(['ca.key', 'ca.pem', 'server.pem']))
    rmSync(trust, { recursive: true })
  }
  expect(killed).toBeGreaterThan(3)
  const { stdout } = await run(process.execPath, [...initArguments(store)])
  expect(stdout).toMatch(/^pgh_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/m)
  expect(readdirSync(trust).sort()).toEqual(['ca.key', 'ca.pem', 'server.pem'])
})
