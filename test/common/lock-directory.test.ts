import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { lockDirectory } from '../../common/lock-directory.ts'
import { createTemporaryDirectory } from '../collector/store/embedded/test-store.ts'

describe('a locked directory', () => {
  it('cannot be locked again until it is released', async () => {
    await using directory = await createTemporaryDirectory()
    {
      using lock = await lockDirectory(directory.path)
      expect(lock).toBeDefined()
      await expect(lockDirectory(directory.path)).rejects.toMatchObject({
        code: 'DIRECTORY_LOCKED',
        message: expect.stringContaining(`process ${String(process.pid)}`) as string,
      })
    }
    using again = await lockDirectory(directory.path)
    expect(again).toBeDefined()
  })

  it('is won by exactly one of many that try at once', async () => {
    await using directory = await createTemporaryDirectory()
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => lockDirectory(directory.path)))
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('is refused while another process holds it, and free as soon as that is killed', async () => {
    await using directory = await createTemporaryDirectory()
    const source = fileURLToPath(new URL('../../common/lock-directory.ts', import.meta.url))
    const script = `
      const { lockDirectory } = await import(${JSON.stringify(source)})
      globalThis.held = await lockDirectory(${JSON.stringify(directory.path)})
      console.log('locked')
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(child, 'exit')
    await once(child.stdout, 'data')
    await expect(lockDirectory(directory.path)).rejects.toMatchObject({
      code: 'DIRECTORY_LOCKED',
      message: expect.stringContaining(`process ${String(child.pid)}`) as string,
    })
    child.kill('SIGKILL')
    await ended
    using lock = await lockDirectory(directory.path)
    expect(lock).toBeDefined()
  })
})

it('a directory that cannot be written is said to be unusable', async () => {
  await expect(lockDirectory('/proc/self')).rejects.toMatchObject({ code: 'DIRECTORY_UNUSABLE' })
})

it('is locked although a damaged disk has put something into its lock file', async () => {
  await using directory = await createTemporaryDirectory()
  await writeFile(join(directory.path, 'lock'), Buffer.alloc(4096, 'garbage'))
  using lock = await lockDirectory(directory.path)
  expect(lock).toBeDefined()
  await expect(lockDirectory(directory.path)).rejects.toMatchObject({ code: 'DIRECTORY_LOCKED' })
})
