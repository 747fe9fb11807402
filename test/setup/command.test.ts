import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { run } from '../../setup/command.mjs'
import { isAlive } from '../../testbed/process-table.ts'
import { startChild } from '../../testbed/process.ts'
import { waitFor } from '../../testbed/wait.ts'

test('a command that fails is a result with all it said', async () => {
  expect(await run('/bin/sh', ['-c', 'echo out; echo err >&2; exit 3'])).toEqual({
    ok: false,
    output: 'out\nerr',
  })
  expect(await run('/nonexistent/program', [])).toMatchObject({ ok: false })
})

test('a signal goes on to the command and all it started, and ends us when they have ended', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const notes = join(directory, 'notes')
  // Like npm, it takes back what it did before it ends.
  const command = `trap 'wait; echo undone >> ${notes}; exit 1' TERM; sleep 600 & echo $! > ${notes}; wait`
  const { href } = new URL('../../setup/command.mjs', import.meta.url)
  await using child = await startChild({
    name: 'the setup',
    command: process.execPath,
    args: [
      '--input-type=module',
      '-e',
      `import { run } from '${href}'; await run('/bin/sh', ['-c', ${JSON.stringify(command)}])`,
    ],
    logFile: join(directory, 'log'),
  })
  const grandchild = await child.waitFor('it runs', () => Number(noted(notes)) || undefined)

  child.signal('SIGTERM')
  expect(await child.exited).toBe(143)
  expect(noted(notes)).toBe(`${grandchild}\nundone\n`)
  await waitFor('what it started to be gone', () => !isAlive(grandchild))
})

function noted(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
