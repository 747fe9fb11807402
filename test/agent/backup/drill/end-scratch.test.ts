import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { endScratch } from '../../../../agent/backup/drill/end-scratch.ts'
import { scratchPrefix, unfinishedMarker } from '../../../../agent/backup/drill/scratch-place.ts'
import { systemClock } from '../../../../common/clock.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'
import type { OwnDirectory } from '../../../../testbed/own-directory.ts'

describe('what a killed agent has left', () => {
  let own: OwnDirectory

  beforeEach(() => {
    own = createOwnDirectory({ prefix: 'pgherd-leftovers-' })
  })
  afterEach(() => own[Symbol.dispose]())

  const make = (name: string): string => {
    const directory = join(own.path, name)
    mkdirSync(join(directory, 'data'), { recursive: true })
    writeFileSync(join(directory, 'data', 'PG_VERSION'), '15\n')
    return directory
  }

  test('a scratch directory is removed, and what it links to is not', async () => {
    const scratch = make(`${scratchPrefix}1`)
    const kept = make('kept')
    symlinkSync(kept, join(scratch, 'data', 'link'))

    expect(await endScratch(scratch, systemClock)).toBe(`${scratch} was removed`)
    expect(existsSync(scratch)).toBe(false)
    expect(existsSync(join(kept, 'data', 'PG_VERSION'))).toBe(true)
  })

  test('what works in it is ended first', async () => {
    const scratch = make(`${scratchPrefix}1`)
    const child = spawn('sleep', ['600'], { cwd: join(scratch, 'data'), detached: true, stdio: 'ignore' })
    const ended = once(child, 'exit')
    await once(child, 'spawn')

    expect(await endScratch(scratch, systemClock)).toContain('1 processes that worked in')
    await ended
    expect(existsSync(scratch)).toBe(false)
  })

  test('a restore that had not come to its end is removed with its marker', async () => {
    const directory = make('restored')
    writeFileSync(unfinishedMarker(directory), '')

    await endScratch(directory, systemClock)

    expect(existsSync(directory)).toBe(false)
    expect(existsSync(unfinishedMarker(directory))).toBe(false)
  })

  test('a restore that is whole is kept, although it was noted', async () => {
    const directory = make('restored')

    expect(await endScratch(directory, systemClock)).toContain('is kept')
    expect(existsSync(join(directory, 'data', 'PG_VERSION'))).toBe(true)
  })

  test('a link in its place is not followed', async () => {
    const kept = make('kept')
    const link = join(own.path, `${scratchPrefix}1`)
    symlinkSync(kept, link)

    await endScratch(link, systemClock)

    expect(existsSync(join(kept, 'data', 'PG_VERSION'))).toBe(true)
  })

  test('what is gone is no news', async () => {
    expect(await endScratch(join(own.path, `${scratchPrefix}1`), systemClock)).toBeUndefined()
  })
})
