import { describe, expect, test } from 'vitest'
import { kinds } from '../../../../agent/actions/kinds.ts'
import { bytesOf, guardSeconds, settingsOf } from '../../../../agent/actions/tune/args.ts'

const { args } = kinds.find(({ kind }) => kind === 'tune-apply')!
const advise = kinds.find(({ kind }) => kind === 'tune-advise')!.args

describe('tune-apply takes', () => {
  test.each([
    ['a setting', { settings: ['work_mem=16MB'] }, true],
    ['several, and what was seen of them', { settings: ['a=1', 'b=2'], expected: ['a=0', 'b='] }, true],
    ['a value with commas and blanks', { settings: ['shared_preload_libraries=a, b'] }, true],
    ['a setting of an extension', { settings: ['pg_stat_statements.max=5000'] }, true],
    ['none', { settings: [] }, false],
    ['a name without a value', { settings: ['work_mem'] }, false],
    ['what is no name', { settings: ['work mem=1'] }, false],
    ['a name twice, whatever its case', { settings: ['work_mem=1MB', 'WORK_MEM=2MB'] }, false],
    ['a guard of a quarter of an hour', { settings: ['a=1'], guard: '15m' }, true],
    ['no guard', { settings: ['a=1'], guard: '0' }, true],
    ['a guard that is no time', { settings: ['a=1'], guard: 'long' }, false],
    ['a guard of weeks', { settings: ['a=1'], guard: '3w' }, false],
    ['a bound', { settings: ['a=1'], bound: 0.1 }, true],
    ['a bound that anything is above', { settings: ['a=1'], bound: 0 }, false],
  ])('%s: %j %s', (_what, given, isTaken) => {
    expect(args.safeParse(given).success).toBe(isTaken)
  })

  test('a guard of half an hour and a bound of 20 % unless told', () => {
    expect(args.parse({ settings: ['a=1'] })).toMatchObject({ settings: ['a=1'], guard: '30m', bound: 0.2 })
  })
})

test('a setting is named as PostgreSQL does, and its value is everything behind the first =', () => {
  expect([...settingsOf(['Work_Mem=16MB', 'search_path=a=b'])]).toEqual([
    ['work_mem', '16MB'],
    ['search_path', 'a=b'],
  ])
})

test.each([
  ['90s', 90],
  ['1h30m', 5400],
  ['0', 0],
])('a guard of %s is %i seconds', (text, seconds) => {
  expect(guardSeconds(text)).toBe(seconds)
})

test.each([
  ['64GB', 64 * 1024 ** 3],
  ['512MB', 512 * 1024 ** 2],
  ['64', undefined],
  ['much', undefined],
])('a memory of %s is %s bytes', (text, bytes) => {
  expect(bytesOf(text)).toBe(bytes)
  expect(advise.safeParse({ memory: text }).success).toBe(bytes !== undefined)
})
