import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { childrenOf, isAlive, signalProcess } from '../../testbed/process-table.ts'
import { freePort } from '../../testbed/ports.ts'
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

async function startDemo(...args: readonly string[]): Promise<Child> {
  return startChild({
    name: 'the demo',
    command: process.execPath,
    args: [
      fileURLToPath(new URL('../../setup/run.mjs', import.meta.url)),
      'demo/main.ts',
      '--port',
      String(await freePort()),
      ...args,
    ],
    logFile: join(directory, 'demo.log'),
  })
}

/** Empty for a process that has ended since it was listed, as PostgreSQL's do. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

/** Everything below a process, itself included. */
function familyOf(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap(familyOf)]
}

describe('the demo', () => {
  test('of a given length measures both servers without a gap, says so, and leaves nothing', async () => {
    await using demo = await startDemo('--for', '15s', '--interval', '5s')
    await demo.waitFor('the herd is up', () => demo.logTail(50).includes('The herd is up'), 60_000)
    const family = familyOf(demo.pid)
    const home = /everything in (\S+)/.exec(demo.logTail(50))![1]!
    expect(family.length).toBeGreaterThan(10)
    expect(existsSync(home)).toBe(true)

    expect(await demo.exited, demo.logTail(50)).toBe(0)
    expect(demo.logTail(50)).toMatch(/gaps +none[\s\S]*Both servers were measured without a gap\./)
    expect(existsSync(home)).toBe(false)
    // The guard of the demo ends once it sees that the demo has.
    await waitFor('its processes to be gone', () => !family.some(isAlive))
  })

  test.each(['collector', 'agent'] as const)(
    'of a given length fails and says why when its %s is killed',
    async (program) => {
      await using demo = await startDemo('--for', '5s', '--interval', '1s')
      await demo.waitFor('the herd is up', () => demo.logTail(50).includes('The herd is up'), 60_000)
      const part = familyOf(demo.pid).find((pid) =>
        new RegExp(`/${program}/(main\\.ts|start\\.mjs)`).test(commandOf(pid)),
      )!
      signalProcess(part, 'SIGKILL')

      expect(await demo.exited, demo.logTail(50)).toBe(1)
      expect(demo.logTail(50)).toMatch(
        new RegExp(`problem: the ${program}( of demo-[12])? has ended[\\s\\S]*The demo failed`),
      )
    },
  )

  test.each(['SIGINT', 'SIGKILL'] as const)('leaves no process and no file after %s', async (signal) => {
    await using demo = await startDemo('--interval', '1s')
    await demo.waitFor('the herd is up', () => demo.logTail(50).includes('The herd is up'), 60_000)
    const family = familyOf(demo.pid)
    const home = /everything in (\S+)/.exec(demo.logTail(50))![1]!

    demo.signal(signal)
    await waitFor('everything to be gone', () => !family.some(isAlive) && !existsSync(home), {
      timeoutMs: 20_000,
      explain: () => demo.logTail(50),
    })
  })
})
