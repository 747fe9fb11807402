import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runCommand } from '../../../testbed/run-command.ts'

/** Runs `npm run package` with these words, on a host on which no program but Node is found. */
function packageWith(...words: readonly string[]) {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-package-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const args = [resolve('setup/packages/main.ts'), '--output', directory, ...words]
  return runCommand(process.execPath, args, { environment: { PATH: directory } })
}

test.each([
  [['--only', 'rpm'], '--only takes deb or tarball, not rpm'],
  [['--level', '0'], '--level takes 1 to 9, not 0'],
  [['--level', '10'], '--level takes 1 to 9, not 10'],
  [['--version', 'next'], '--version takes one such as 0.2.0, not next'],
  [['--only', 'deb'], 'dpkg-deb is not installed, and makes .deb files (package dpkg)'],
])('%j is refused with one sentence, before anything is made', async (words, sentence) => {
  expect(await packageWith(...words)).toMatchObject({
    status: 1,
    stdout: '',
    stderr: `pgherd: ${sentence}\n`,
  })
})

test('an option that is not there is refused with those that are', async () => {
  const { status, stderr } = await packageWith('--colour')
  expect(status).toBe(1)
  expect(stderr).toMatch(/--colour/)
  expect(stderr).toMatch(/--maintainer TEXT/)
})
