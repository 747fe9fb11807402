import { readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createKernelFiles } from '../../../common/kernel/kernel-files.ts'
import { plant } from '../../agent/host/tree.ts'

/** What this process has open below a directory. */
const openBelow = (root: string): readonly string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`)
      return target.startsWith(root) ? [target] : []
    } catch {
      return []
    }
  })

test('a file is opened once, read from its start each time, and closed in the end', () => {
  const root = plant({ 'proc/loadavg': '1\n' })
  {
    using files = createKernelFiles(root, () => 0)
    expect(files.read('proc/loadavg')).toBe('1\n')
    writeFileSync(join(root, 'proc/loadavg'), '2 and more\n')
    expect(files.read('proc/loadavg')).toBe('2 and more\n')
    expect(openBelow(root)).toEqual([join(root, 'proc/loadavg')])
  }
  expect(openBelow(root)).toEqual([])
})

test.each([2047, 2048, 16_383, 16_384, 16_385, 300_000, 2_000_000])('%i bytes are read whole', (length) => {
  const text = 'x'.repeat(length)
  using files = createKernelFiles(plant({ file: text }), () => 0)
  expect(files.read('file')).toBe(text)
  expect(files.read('file', 'utf8')).toBe(text)
})

test('more than 4 MiB are refused, and nothing stays open', () => {
  const root = plant({ file: 'x'.repeat((4 << 20) + 1) })
  using files = createKernelFiles(root, () => 0)
  expect(() => files.read('file')).toThrow('file has more than 4194304 bytes')
  expect(openBelow(root)).toEqual([])
})

test('what is not there is looked for again after five minutes', () => {
  let nowMs = 0
  const root = plant({ other: '' })
  using files = createKernelFiles(root, () => nowMs)
  expect(files.readIfThere('file')).toBeUndefined()
  writeFileSync(join(root, 'file'), 'here\n')
  nowMs = 299_999
  expect(files.readIfThere('file')).toBeUndefined()
  nowMs = 300_000
  expect(files.readIfThere('file')).toBe('here\n')
})

test('small files, directories and links that are not there are nothing', () => {
  const root = plant({ 'directory/b': ' 1 \n', 'directory/a': '-> b', gone: '-> nowhere' })
  using files = createKernelFiles(root, () => 0)
  expect(files.value('directory/b')).toBe('1')
  expect(files.value('directory')).toBeUndefined()
  expect(files.value('gone')).toBeUndefined()
  expect(files.list('directory')).toEqual(['a', 'b'])
  expect(files.list('gone')).toEqual([])
  expect(files.realPath('directory/a')).toBe(join(root, 'directory/b'))
  expect(files.realPath('gone')).toBeUndefined()
})

test('lines come whole, however the pieces end, and the file is closed also when one stops early', () => {
  const lines = Array.from({ length: 5000 }, (_, i) => `line ${i}`)
  const root = plant({ file: lines.join('\n') })
  using files = createKernelFiles(root, () => 0)
  expect([...files.lines('file')].flat()).toEqual(lines)
  for (const some of files.lines('file')) {
    expect(some[0]).toBe('line 0')
    break
  }
  expect(openBelow(root)).toEqual([])
  rmSync(join(root, 'file'))
  expect(() => [...files.lines('file')]).toThrow('ENOENT')
})
