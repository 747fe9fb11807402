import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runWatchdogCommand } from '../../agent/watchdog-command.ts'

async function check(text: string | undefined, ...argv: readonly string[]) {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-watchdog-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'w.yaml')
  if (text !== undefined) writeFileSync(path, text, { mode: 0o600 })
  const printed: string[] = []
  const complained: string[] = []
  const status = await runWatchdogCommand({
    argv: ['watchdog', ...(argv.length > 0 ? argv : ['check', path])],
    print: (line) => void printed.push(line.replace(path, 'w.yaml')),
    complain: (line) => void complained.push(line.replace(path, 'w.yaml')),
  })
  return { status, printed, complained }
}

const rule = '{ name: idle, case: idle-in-transaction, after: 15m, harm: none, action: terminate }'

test('a policy without mistakes is told in lines, and is exit status 0', async () => {
  expect(await check(`rules: [${rule}]`)).toEqual({
    status: 0,
    printed: [
      'w.yaml: 1 rules, at most 5 signals a minute; dry_run: nobody is signalled',
      '  idle: idle-in-transaction for 15m: terminate, 30s after the report',
    ],
    complained: [],
  })
})

test('one that is in force says so', async () => {
  const { printed } = await check(`dry_run: false\nrules: [${rule}]`)
  expect(printed[0]).toBe('w.yaml: 1 rules, at most 5 signals a minute; in force')
})

test('each mistake is a line with its place, and the exit status is 2', async () => {
  expect(await check('dry_run: 1\nper_minute: 0')).toEqual({
    status: 2,
    printed: [],
    complained: [
      'w.yaml:1: dry_run: was 1; allowed: true or false',
      'w.yaml:2: per_minute: was 0; allowed: a whole number from 1 to 600',
    ],
  })
})

test('a file that is not there, and another word than check, are errors', async () => {
  await expect(check(undefined)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(check('', 'mate')).rejects.toMatchObject({ code: 'USAGE' })
  await expect(check('', 'check')).rejects.toMatchObject({ code: 'USAGE' })
})
