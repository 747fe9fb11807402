import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkPassage, checkPort, checkTemporaryDirectory } from '../../demo/checks.ts'

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

test('a taken port is named, with another to try', async () => {
  const server = createServer()
  onTestFinished(() => void server.close())
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  await expect(checkPort(port)).rejects.toThrow(
    `port ${port} on 127.0.0.1 is taken; choose another: npm run demo -- --port 8432`,
  )
})

test.skipIf(process.getuid?.() === 0)('a port that only root may use is not called taken', async () => {
  await expect(checkPort(1)).rejects.toThrow('this user may not listen on port 1; choose another')
})

test('a temporary directory that does not exist, is none or is relative is named, with what to do', async () => {
  const directory = temporary()
  const file = join(directory, 'file')
  writeFileSync(file, '')
  for (const wrong of [join(directory, 'missing'), file, 'relative']) {
    const check = checkTemporaryDirectory(wrong)
    await expect(check).rejects.toMatchObject({ code: 'DIRECTORY_UNUSABLE' })
    await expect(check).rejects.toThrow(/^\S+ (?:is not|cannot be) .*; set TMPDIR to another directory$/)
  }
})

test.skipIf(process.getuid?.() !== 0)(
  'a directory that the user of PostgreSQL cannot enter is named, with what to do',
  async () => {
    const owner = { name: 'nobody', uid: 65_534, gid: 65_534 }
    const directory = temporary()
    await expect(checkPassage(directory, owner)).rejects.toThrow(
      `${directory} is closed to the user nobody, as whom PostgreSQL runs; set TMPDIR to another directory`,
    )
    chmodSync(directory, 0o711)
    await expect(checkPassage(directory, owner)).resolves.toBeUndefined()
  },
)
