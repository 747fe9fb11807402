import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { StartedProcess } from '../../../../agent/backup/engine.ts'
import { runEngine } from '../../../../agent/backup/engine/run-engine.ts'
import type { EngineProgram } from '../../../../agent/backup/engine/run-engine.ts'
import { systemClock } from '../../../../common/clock.ts'
import { createOwnDirectory } from '../../../../testbed/own-directory.ts'
import { isAlive } from '../../../../testbed/process-table.ts'
import { waitFor } from '../../../../testbed/wait.ts'

/** Scripts in the place of pgBackRest, for how it may be started, talk and end; the real one is in engine.pg.test.ts. */
let directory: string

beforeEach(() => {
  const own = createOwnDirectory({ prefix: 'pgherd-run-engine-' })
  directory = own.path
  onTestFinished(() => own[Symbol.dispose]())
})

function script(body: string, more: Partial<EngineProgram> = {}): EngineProgram {
  const file = join(directory, 'engine')
  writeFileSync(file, `#!/bin/sh\ncd ${directory}\n${body}\n`)
  chmodSync(file, 0o755)
  const always = { configFile: '/etc/pgbackrest.conf', stanza: 'pg-main', nice: 0, clock: systemClock }
  return { ...always, command: [file], patienceMs: 5_000, ...more }
}

const never = new AbortController().signal
const pidOf = (file: string): number => Number(readFileSync(join(directory, file), 'utf8'))
const written = (file: string) => waitFor(`${file} to be written`, () => existsSync(join(directory, file)))

describe('a run', () => {
  test('gets configuration, stanza and arguments, and an environment without anything of ours', async () => {
    const { output } = await runEngine(script('echo "$@"; env'), ['info'], { signal: never })
    const [first, ...variables] = output.trim().split('\n')
    expect(first).toBe('--config=/etc/pgbackrest.conf --stanza=pg-main info')
    const names = variables.map((line) => line.split('=', 1)[0]!)
    expect(names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)).sort()).toEqual([
      'LC_ALL',
      'PATH',
    ])
  })

  test('ends with its status, and with what it complained about, hints left out', async () => {
    const body = `echo 'WARN: one' >&2; echo 'ERROR: [055]: two
       three
       HINT: four' >&2; exit 55`
    const answer = await runEngine(script(body), ['check'], { signal: never })
    expect(answer.status).toBe(55)
    expect(answer.complaints).toEqual([
      { level: 'WARN', code: null, text: 'one' },
      { level: 'ERROR', code: 55, text: 'two three' },
    ])
  })

  test('tells its lines one by one, and gathers complaints from among them', async () => {
    const lines: string[] = []
    const body = `echo 'P00   INFO: one'; echo 'P01   WARN: two'; printf three`
    const answer = await runEngine(script(body), ['backup'], {
      signal: never,
      onLine: (line) => lines.push(line),
    })
    expect(lines).toEqual(['P00   INFO: one', 'P01   WARN: two', 'three'])
    expect(answer.complaints).toEqual([{ level: 'WARN', code: null, text: 'two' }])
    expect(answer.output).toBe('')
  })

  test('keeps what is not of pgBackRest, such as the words of sudo', async () => {
    const { stray } = await runEngine(script('echo "sudo: a password is required" >&2; exit 1'), ['info'], {
      signal: never,
    })
    expect(stray).toEqual(['sudo: a password is required'])
  })

  test('has the niceness that was asked for', async () => {
    const { output } = await runEngine(script('nice', { nice: 7 }), ['info'], { signal: never })
    expect(output.trim()).toBe('7')
  })

  test('of a program that is not there is a failure of the configuration', async () => {
    const missing = { ...script(''), command: ['/nowhere/pgbackrest'] }
    await expect(runEngine(missing, ['info'], { signal: never })).rejects.toMatchObject({
      problem: 'configuration',
      message: '/nowhere/pgbackrest cannot be started: it is not installed',
    })
  })

  test('with more output than is allowed is ended', async () => {
    const endless = script('echo $$ > pid; while :; do echo 0123456789012345678901234567890123456789; done')
    await expect(runEngine(endless, ['repo-ls'], { signal: never, maxBytes: 10_000 })).rejects.toMatchObject({
      problem: 'other',
      message: "pgBackRest's repo-ls answers with more than 10000 bytes and was ended",
    })
    expect(isAlive(pidOf('pid'))).toBe(false)
  })

  test('leaves nothing of its group behind', async () => {
    await runEngine(script('sleep 60 & echo $! > pid', { patienceMs: 200 }), ['backup'], { signal: never })
    expect(isAlive(pidOf('pid'))).toBe(false)
  })
})

describe('the process that was started', () => {
  test('is told with what tells it from a later one of the same id', async () => {
    let told: StartedProcess | undefined
    const body = `echo $$ > pid; cut -d' ' -f22 /proc/$$/stat > ticks`
    await runEngine(script(body), ['backup'], {
      signal: never,
      onStarted: (started) => void (told = started),
    })
    expect(told).toEqual({
      pid: pidOf('pid'),
      startTicks: readFileSync(join(directory, 'ticks'), 'utf8').trim(),
    })
  })

  test('begins once it has been noted', async () => {
    let hadBegun: boolean | undefined
    await runEngine(script('touch begun'), ['backup'], {
      signal: never,
      async onStarted({ pid }) {
        await waitFor('it waits', () => / S /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')))
        hadBegun = existsSync(join(directory, 'begun'))
      },
    })
    expect(hadBegun).toBe(false)
    expect(existsSync(join(directory, 'begun'))).toBe(true)
  })

  test('never begins when it cannot be noted, and is ended', async () => {
    let pid = 0
    const running = runEngine(script('touch begun; exec sleep 60'), ['backup'], {
      signal: never,
      onStarted(started) {
        pid = started.pid
        throw new Error('the disk is full')
      },
    })
    await expect(running).rejects.toThrow('the disk is full')
    expect(isAlive(pid)).toBe(false)
    expect(existsSync(join(directory, 'begun'))).toBe(false)
  })
})

describe('an abort', () => {
  const abortOnceRunning = async (program: EngineProgram, reason?: unknown) => {
    const abort = new AbortController()
    const running = runEngine(program, ['backup'], { signal: abort.signal })
    running.catch(() => undefined)
    await written('pid')
    abort.abort(reason)
    return running
  }

  test('ends the whole group and is told as cancelled', async () => {
    const program = script('sleep 60 & echo $! > child; echo $$ > pid; wait')
    await expect(abortOnceRunning(program)).rejects.toMatchObject({ code: 'CANCELLED' })
    expect([isAlive(pidOf('pid')), isAlive(pidOf('child'))]).toEqual([false, false])
  })

  test('comes by force to one that does not listen', async () => {
    const program = script(`trap '' TERM; echo $$ > pid; while :; do sleep 0.1; done`, { patienceMs: 200 })
    await expect(abortOnceRunning(program)).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(isAlive(pidOf('pid'))).toBe(false)
  })

  test('by a deadline is told as that', async () => {
    const timeout = new DOMException('too late', 'TimeoutError')
    await expect(abortOnceRunning(script('echo $$ > pid; exec sleep 60'), timeout)).rejects.toMatchObject({
      problem: 'timed-out',
    })
  })

  test('before it begins starts nothing', async () => {
    await expect(
      runEngine(script('echo $$ > pid'), ['backup'], { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(existsSync(join(directory, 'pid'))).toBe(false)
  })
})
