import { expect, test } from 'vitest'
import { pageTables } from '../../../../../agent/tuning/rules/memory/page-tables.ts'
import { GB, MB } from '../../recommend/some-machine.ts'
import { saidBy, silent } from '../made-up.ts'

const large = { pageTableBytes: 1.1 * GB }

test('page tables of more than 1GB, or 2 % of the memory, ask for huge pages', () => {
  expect(saidBy(pageTables, { host: { pageTableBytes: GB } })).toEqual(silent)
  expect(saidBy(pageTables, { host: large }).notes[0]).toBe(
    'page tables take 1.1GB, 2 % of the memory, and huge pages are not used: the kernel has to set aside enough of them (vm.nr_hugepages) before the next start',
  )
  const small = { memoryTotalBytes: 4 * GB, pageTableBytes: 81 * MB }
  expect(saidBy(pageTables, { host: small })).toEqual(silent)
  expect(saidBy(pageTables, { host: { ...small, pageTableBytes: 83 * MB } })).not.toEqual(silent)
})

test('the setting is proposed only where it is off, and how many pages where the server tells', () => {
  const { values, notes } = saidBy(pageTables, {
    host: large,
    settings: { huge_pages: 'off', shared_memory_size_in_huge_pages: '4205' },
  })
  expect(values).toEqual({ huge_pages: 'try' })
  expect(notes[0]).toContain('4205 of them')
})

test('who uses them already has nothing to gain', () => {
  expect(saidBy(pageTables, { host: large, settings: { huge_pages_status: 'on' } })).toEqual(silent)
  const taken = { ...large, hugePages: { total: 100, free: 10, pageBytes: 2 * MB } }
  expect(saidBy(pageTables, { major: 15, host: taken })).toEqual(silent)
  const free = { ...large, hugePages: { total: 100, free: 100, pageBytes: 2 * MB } }
  expect(saidBy(pageTables, { major: 15, host: free })).not.toEqual(silent)
})

test('in a container it is a matter of the host', () => {
  expect(saidBy(pageTables, { host: { ...large, isContainer: true } }).notes[0]).toContain('the host of this')
})
