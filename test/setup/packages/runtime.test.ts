import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { placeRuntime, runtime } from '../../../setup/packages/runtime.ts'

test('without strip the runtime keeps its symbols, and that is told', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-runtime-test-'))
  onTestFinished(() => {
    vi.unstubAllEnvs()
    rmSync(directory, { recursive: true })
  })
  vi.stubEnv('PATH', directory)
  const file = join(directory, 'bin/node')
  expect(await placeRuntime(file)).toBe(false)
  expect(statSync(file).size).toBe(statSync(runtime).size)
  expect(statSync(file).mode & 0o777).toBe(0o755)
})
