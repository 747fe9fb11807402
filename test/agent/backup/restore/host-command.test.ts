import { expect, test } from 'vitest'
import { runHostCommand } from '../../../../agent/backup/restore/in-place/host-command.ts'

const run = (script: string, timeoutMs = 10_000, signal = new AbortController().signal) =>
  runHostCommand(['/bin/sh', '-c', script], timeoutMs, signal)

test('what a command says is told, and how it ended where that was not well', async () => {
  expect(await run('echo out; echo err >&2')).toBe('out\nerr')
  expect(await run('echo no >&2; exit 3')).toBe('no (it ended with status 3)')
})

test('a server that it leaves behind with its output open is not waited for', async () => {
  const startedMs = performance.now()
  expect(await run('echo started; sleep 5 &')).toBe('started')
  expect(performance.now() - startedMs).toBeLessThan(4_000)
})

test('one that does not end is ended', async () => {
  expect(await run('exec sleep 30', 200)).toContain('aborted')
  expect(await run('exec sleep 30', 10_000, AbortSignal.timeout(200))).toContain('aborted')
})

test('one that is not there is told', async () => {
  const { signal } = new AbortController()
  expect(await runHostCommand(['/nowhere/start'], 1_000, signal)).toContain('ENOENT')
})
