import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isAlive } from '../../testbed/process-table.ts'
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

const testbed = new URL('../../testbed/', import.meta.url).href

/** A program that starts a process that ignores SIGTERM, makes a directory, and says which. */
async function startOwner(then: string): Promise<{ owner: Child; pid: number; path: string }> {
  const owner = await startChild({
    name: 'the owner',
    command: process.execPath,
    args: [
      '--input-type=module',
      '--eval',
      `import { createOwnDirectory } from '${testbed}own-directory.ts'
       import { startChild } from '${testbed}process.ts'
       import { writeFileSync } from 'node:fs'
       const own = createOwnDirectory({ prefix: 'with a space-', parent: ${JSON.stringify(directory)} })
       writeFileSync(own.path + '/file', '')
       const child = await startChild({
         name: 'a child', command: '/bin/sh', args: ['-c', 'trap "" TERM; exec sleep 60'], logFile: '/dev/null',
       })
       console.log(JSON.stringify({ pid: child.pid, path: own.path }))
       ${then}`,
    ],
    logFile: join(directory, 'log'),
  })
  const line = await owner.waitFor('it has started everything', () => /^\{.*\}$/m.exec(owner.logTail())?.[0])
  return { owner, ...(JSON.parse(line) as { pid: number; path: string }) }
}

describe('what a process started and made goes away', () => {
  test('when it is killed', async () => {
    const { owner, path, pid } = await startOwner('')
    expect(isAlive(pid)).toBe(true)
    expect(existsSync(join(path, 'file'))).toBe(true)
    await owner.stop('SIGKILL')
    await waitFor('the child to end', () => !isAlive(pid))
    await waitFor('the directory to be gone', () => !existsSync(path))
  })

  test.each(['process.exit(1)', 'throw new Error("unexpected")'])(
    'before it ends itself by %s',
    async (ending) => {
      const { owner, path, pid } = await startOwner(
        `process.on('SIGUSR2', () => { ${ending} }); setInterval(() => {}, 1000)`,
      )
      owner.signal('SIGUSR2')
      expect(await owner.exited).toBe(1)
      expect(isAlive(pid)).toBe(false)
      expect(existsSync(path)).toBe(false)
    },
  )
})
