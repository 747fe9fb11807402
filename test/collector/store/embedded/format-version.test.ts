import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../../common/clock.ts'
import { silentLog } from '../../../../common/log.ts'
import { openEmbeddedStore } from '../../../../collector/store/embedded/embedded-store.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'

const blockFixture = new URL('block/version-2.block', import.meta.url)
const known = '1700000000000-0-0.block'

function start() {
  const own = createOwnDirectory({ prefix: 'pgherd-format-' })
  onTestFinished(() => own[Symbol.dispose]())
  const options = {
    directory: own.path,
    retentionMs: 1e12,
    maintainEveryMs: 0,
    clock: systemClock,
    log: silentLog,
  }
  return { directory: own.path, blocks: join(own.path, 'blocks'), open: () => openEmbeddedStore(options) }
}

async function openAndClose(open: () => Promise<AsyncDisposable>): Promise<void> {
  await (await open())[Symbol.asyncDispose]()
}

test('a store says its format, and a newer one is refused with the way out', async () => {
  const { directory, open } = start()
  await openAndClose(open)
  const format = join(directory, 'format')
  expect(readFileSync(format, 'latin1')).toBe('pgherd store 1\n')
  writeFileSync(format, 'pgherd store 2\n')
  await expect(open()).rejects.toMatchObject({
    code: 'DIRECTORY_UNUSABLE',
    message: expect.stringContaining(
      'has format 2, which this release does not know: start the newer release',
    ) as unknown,
  })
  writeFileSync(format, 'what a damaged disk has put there')
  await openAndClose(open)
  expect(readFileSync(format, 'latin1')).toBe('pgherd store 1\n')
})

test('a block of a later version is refused and left as it is, one with a damaged byte is set aside', async () => {
  const { blocks, open } = start()
  await openAndClose(open)
  const bytes = readFileSync(blockFixture)
  bytes[6] = 4
  writeFileSync(join(blocks, known), bytes)
  await openAndClose(open)
  expect(readdirSync(blocks)).toEqual([`${known}.corrupt`])

  bytes[bytes.length - 2] = 4
  writeFileSync(join(blocks, known), bytes)
  await expect(open()).rejects.toThrow('a block of version 4')
  expect(readdirSync(blocks)).toContain(known)
})
