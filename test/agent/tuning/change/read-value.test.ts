import { expect, test } from 'vitest'
import type { KnownSetting } from '../../../../agent/tuning/change/known-setting.ts'
import { readValue } from '../../../../agent/tuning/change/read-value.ts'

const workMem: KnownSetting = {
  ...{ name: 'work_mem', value: '4096', vartype: 'integer', unit: 'kB', context: 'user' },
  ...{ min: '64', max: '2147483647', enumValues: null, boot: '4096', source: 'default' },
  waitsForRestart: false,
}
const jit: KnownSetting = { ...workMem, name: 'jit', vartype: 'bool', unit: null, min: null, max: null }
const hugePages: KnownSetting = {
  ...jit,
  name: 'huge_pages',
  vartype: 'enum',
  enumValues: ['off', 'on', 'try'],
}
const cost: KnownSetting = {
  ...workMem,
  name: 'random_page_cost',
  vartype: 'real',
  unit: null,
  min: '0',
  max: '1e+308',
}
const libraries: KnownSetting = { ...jit, name: 'shared_preload_libraries', vartype: 'string' }

test.each([
  [workMem, '16MB', '16384'],
  [workMem, ' 1.5 GB ', '1572864'],
  [workMem, '4096', '4096'],
  [workMem, '0x1000', '4096'],
  [jit, 'TRUE', 'on'],
  [jit, 'of', 'off'],
  [jit, 'y', 'on'],
  [hugePages, 'Try', 'try'],
  [hugePages, 'yes', 'on'],
  [cost, '1.10', '1.1'],
  [libraries, 'pg_stat_statements,auto_explain', 'pg_stat_statements, auto_explain'],
  [libraries, '"My-Lib" , b', '"My-Lib", b'],
])('$0.name = $1 is $2 to the server', (setting, text, value) => {
  expect(readValue(setting, text)).toEqual({ value })
})

test.each([
  [workMem, '1kB', 'work_mem: 1kB is out of range; allowed: 64kB to 2147483647kB (64 to 2147483647 in kB)'],
  [workMem, '16mb', 'work_mem: 16mb is not in one of its units (in kB; units: B, kB, MB, GB, TB)'],
  [workMem, '5min', 'work_mem: 5min is not in one of its units (in kB; units: B, kB, MB, GB, TB)'],
  [workMem, 'much', 'work_mem: much is no number (in kB; units: B, kB, MB, GB, TB)'],
  [workMem, '', 'work_mem: nothing is no number (in kB; units: B, kB, MB, GB, TB)'],
  [jit, 'o', 'jit: o is neither on nor off'],
  [jit, '2', 'jit: 2 is neither on nor off'],
  [hugePages, 'maybe', 'huge_pages: maybe is none of its values; allowed: off, on, try'],
  [cost, '-1', 'random_page_cost: -1 is out of range; allowed: 0 to 1e+308'],
  [cost, '1,1', 'random_page_cost: 1,1 is no number, such as 2'],
  [cost, '1.1MB', 'random_page_cost: 1.1MB has a unit; it is a number without one'],
  [libraries, 'a,,b', 'shared_preload_libraries: a,,b is no list'],
  [libraries, 'a\nb', 'shared_preload_libraries: a value has one line'],
])('$0.name = $1 is refused before the server is asked', (setting, text, refusal) => {
  expect(readValue(setting, text)).toEqual({ refusal })
})
