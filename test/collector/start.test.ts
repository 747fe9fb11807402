import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeFlagsOf } from '../../testbed/pgherd.ts'
import { runCommand } from '../../testbed/run-command.ts'

test.each(['collector/main.ts', 'collector/start.mjs'])(
  "the first line of %s gives Node the same flags as package.json's script",
  (file) => {
    const firstLine = readFileSync(file, 'utf8').split('\n', 1)[0] ?? ''
    expect(firstLine.split(' ').filter((word) => word.startsWith('--'))).toEqual(nodeFlagsOf('collector'))
    expect(nodeFlagsOf('collector').length).toBeGreaterThan(0)
  },
)

test.runIf(process.platform === 'linux')(
  'start.mjs becomes a process that gives freed memory back, with the same number, flags and arguments',
  async () => {
    const tell = 'console.log(process.pid, process.env.MALLOC_MMAP_THRESHOLD_)'
    const { stdout, stderr } = await runCommand(process.execPath, [
      '--import',
      `data:text/javascript,${tell}`,
      join(import.meta.dirname, '../../collector/start.mjs'),
      '--version',
    ])
    const [before, after, version] = stdout.split('\n')
    expect(after).toBe(before?.replace('undefined', '32768'))
    expect(before).toContain('undefined')
    expect(version).toMatch(/^\d+\.\d+\.\d+$/)
    expect(stderr).toBe('')
  },
)
