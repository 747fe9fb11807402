import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, afterEach, expect, test } from 'vitest'

let directory: string
let result: string | undefined

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pgherd-backoff-'))
  result = undefined
  // In place of sleep(1), so that it is seen for how long and nobody waits.
  writeFileSync(join(directory, 'sleep'), `#!/bin/sh\necho "$1" > ${directory}/slept\n`)
  chmodSync(join(directory, 'sleep'), 0o755)
})
afterEach(() => rmSync(directory, { recursive: true }))

function run(step: 'wait' | 'note'): string {
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['systemd/restart-backoff.sh', step], {
    encoding: 'utf8',
    env: {
      PATH: `${directory}:${process.env['PATH'] ?? ''}`,
      RUNTIME_DIRECTORY: directory,
      ...(result === undefined ? {} : { SERVICE_RESULT: result }),
    },
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}

/** Seconds that a start waits. */
function start(): number {
  rmSync(join(directory, 'slept'), { force: true })
  run('wait')
  try {
    return Number(readFileSync(join(directory, 'slept'), 'utf8'))
  } catch {
    return 0
  }
}

function end(how: string): void {
  result = how
  run('note')
}

const memory = (): string => join(directory, 'failures')

/** As if the last start had been so many seconds before. */
function makeOlder(seconds: number): void {
  const [failures, started] = readFileSync(memory(), 'utf8').trim().split(' ')
  writeFileSync(memory(), `${failures ?? ''} ${Number(started) - seconds}\n`)
}

test('beside the 5 s of systemd a start waits longer after each quick failure, up to 55 s', () => {
  const waits = [start()]
  for (let failure = 0; failure < 7; failure++) {
    end(['signal', 'oom-kill', 'watchdog', 'exit-code'][failure % 4]!)
    waits.push(start())
  }
  expect(waits).toEqual([0, 0, 5, 15, 35, 55, 55, 55])
})

test('what ran for ten minutes had not failed quickly', () => {
  start()
  for (let failure = 0; failure < 4; failure++) {
    end('signal')
    start()
  }
  makeOlder(590)
  end('signal')
  expect(start()).toBe(55)
  makeOlder(700)
  end('signal')
  expect(start()).toBe(0)
  end('signal')
  expect(start()).toBe(5)
})

test('an end that was asked for is no failure, and forgets those before', () => {
  start()
  for (let failure = 0; failure < 3; failure++) {
    end('exit-code')
    start()
  }
  end('success')
  expect(start()).toBe(0)
  end('signal')
  expect(start()).toBe(0)
})

test('while it waits the journal says why, as a warning', () => {
  start()
  end('signal')
  start()
  end('signal')
  expect(run('wait')).toBe('<4>failed 2 times in a row: waits for 5 s more\n')
})

test('a memory that is empty, as after a full disk, is no failure', () => {
  writeFileSync(memory(), '')
  expect(start()).toBe(0)
})

test.each(['abc def\n', '-5 2\n', '3\n', '08 09\n', '3 ', '99999999999999999999 99999999999999999999\n'])(
  'after a memory that is damaged (%j) failures are counted again',
  (damaged) => {
    writeFileSync(memory(), damaged)
    start()
    const waits = [1, 2, 3, 4, 5, 6].map(() => {
      end('signal')
      return start()
    })
    expect(waits.slice(-2)).toEqual([55, 55])
    expect(waits.every((wait) => [0, 5, 15, 35, 55].includes(wait))).toBe(true)
  },
)
