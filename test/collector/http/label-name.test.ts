import { expect, test } from 'vitest'
import { unescapeLabelName } from '../../../collector/http/label-name.ts'

test.each([
  ['job', 'job'],
  ['U__service_2e_name', 'service.name'],
  ['U__a__b', 'a_b'],
  ['U___1f600_', '😀'],
])('%s names the label %s', (text, name) => {
  expect(unescapeLabelName(text)).toBe(name)
})

test.each(['', 'U__', 'U__a_b', 'U__a_zz_', 'U__a_d800_', 'U__a_110000_'])('"%s" names no label', (text) => {
  expect(unescapeLabelName(text)).toBeUndefined()
})
