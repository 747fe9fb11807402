import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { clearAbandoned, inFile } from '../../../../agent/tuning/preflight/probe-directory.ts'
import { systemClock } from '../../../../common/clock.ts'

const nowMs = 1_800_000_000_000
const clock = { ...systemClock, now: () => nowMs }

function parentDirectory(): string {
  const parent = mkdtempSync('/tmp/preflight-test-')
  onTestFinished(() => rmSync(parent, { recursive: true }))
  return parent
}

function made(parent: string, name: string, ageMs: number): string {
  const path = join(parent, name)
  mkdirSync(join(path, 'data'), { recursive: true })
  writeFileSync(join(path, 'data/postgresql.conf'), '')
  utimesSync(path, (nowMs - ageMs) / 1000, (nowMs - ageMs) / 1000)
  return path
}

test('what was left a minute ago is removed, and what is at work is not', async () => {
  const parent = parentDirectory()
  const left = made(parent, 'pgherd-preflight-aaaaaa', 60_000)
  const atWork = made(parent, 'pgherd-preflight-bbbbbb', 59_000)
  expect(await clearAbandoned(parent, clock)).toBe(1)
  expect([existsSync(left), existsSync(atWork)]).toEqual([false, true])
})

test('what has another name, or only leads to a directory, is not ours to remove', async () => {
  const parent = parentDirectory()
  const other = made(parent, 'other-directory', 1_000_000)
  const link = join(parent, 'pgherd-preflight-cccccc')
  symlinkSync(other, link)
  expect(await clearAbandoned(parent, clock)).toBe(0)
  expect([existsSync(join(other, 'data')), existsSync(link)]).toEqual([true, true])
})

test('a value stands in a file whatever it holds', () => {
  expect(inFile(`cp "%p" 'C:\\a'\n`)).toBe(`'cp "%p" ''C:\\\\a''\\n'`)
})
