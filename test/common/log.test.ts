import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createLog } from '../../common/log.ts'

const logModule = new URL('../../common/log.ts', import.meta.url).href
const program = `
  const { createLog } = await import(${JSON.stringify(logModule)})
  const log = createLog({ level: 'info', program: 'test' })
  for (let i = 0; i < 10_000; i++) log.info({ i, filling: 'x'.repeat(1000) }, 'a line')
  log.child({ part: 'a' }).error({ err: new Error('x') }, 'another line')
  console.log('goes on, with ' + (process.memoryUsage().rss >> 20) + ' MB')
`

test('a log file on a full disk does not disturb whoever logs, nor does it pile up in memory', async () => {
  const full = openSync('/dev/full', 'w')
  onTestFinished(() => closeSync(full))
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', full],
  })
  const output = text(child.stdout!)
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(Number(/goes on, with (\d+) MB/.exec(await output)?.[1])).toBeLessThan(150)
})

test('a log whose reader has gone does not disturb whoever logs', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program])
  child.stderr.destroy()
  const output = text(child.stdout)
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(await output).toContain('goes on')
})

test('its level can be changed while it is used, and that of its children', () => {
  const log = createLog({ level: 'info', program: 'test' })
  const child = log.child({ part: 'a' })
  const grandchild = child.child({ part: 'b' })
  log.setThreshold('error')
  expect(log.threshold()).toBe('error')
  for (const one of [log, child, grandchild]) expect(one).toMatchObject({ level: 'error' })
})

describe('in the journal', () => {
  const lines = `
    const { createLog } = await import(${JSON.stringify(logModule)})
    const { fstatSync } = await import('node:fs')
    const { dev, ino } = fstatSync(2, { bigint: true })
    const journalStream = process.argv[1] === 'same' ? dev + ':' + ino : '1:1'
    const log = createLog({ level: 'debug', program: 'test', journalStream })
    for (const level of ['debug', 'info', 'warn', 'error']) log.child({ part: 'a' })[level]('a line')
  `
  const prefixes = async (stream: string): Promise<readonly string[]> => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', lines, stream])
    const written = await text(child.stderr)
    return written
      .trim()
      .split('\n')
      .map((line) => line.slice(0, line.indexOf('{')))
  }

  test('each line begins with the priority of its level', async () => {
    expect(await prefixes('same')).toEqual(['<7>', '<6>', '<4>', '<3>'])
  })

  test('it does not where standard error was redirected since', async () => {
    expect(await prefixes('other')).toEqual(['', '', '', ''])
  })
})
