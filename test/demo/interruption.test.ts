import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startChild } from '../../testbed/process.ts'
import type { Child } from '../../testbed/process.ts'

/** A program that takes as long as it is told to stop once it is asked to. */
async function startSlowStopper(): Promise<Child> {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const module = new URL('../../demo/interruption.ts', import.meta.url).href
  const child = await startChild({
    name: 'the program',
    command: process.execPath,
    args: [
      '--input-type=module',
      '--eval',
      `import { interruptionSignal } from '${module}'
       const signal = interruptionSignal(() => { console.log('impatient'); process.exit(130) })
       signal.addEventListener('abort', () => console.log(signal.reason.message))
       const idle = setInterval(() => {}, 1000)
       process.on('SIGUSR2', () => clearInterval(idle))
       console.log('ready')`,
    ],
    logFile: join(directory, 'log'),
  })
  await child.waitFor('it is ready', () => child.logTail().includes('ready'))
  return child
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s asks to stop, however often it is delivered at once',
  async (signal) => {
    await using child = await startSlowStopper()
    child.signal(signal)
    child.signal('SIGTERM')
    await child.waitFor('it was asked', () => child.logTail().includes('stopped by'))
    child.signal('SIGUSR2')
    expect(await child.exited).toBe(0)
    expect(child.logTail()).toMatch(/^ready\nstopped by SIG(INT|TERM|HUP)$/)
  },
)

test('a second Ctrl-C, later, ends it at once', async () => {
  await using child = await startSlowStopper()
  child.signal('SIGINT')
  await child.waitFor('it was asked', () => child.logTail().includes('stopped by SIGINT'))
  await child.waitFor('it is impatient', () => {
    child.signal('SIGINT')
    return child.logTail().includes('impatient')
  })
  expect(await child.exited).toBe(130)
})
