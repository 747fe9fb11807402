import { expect, test } from 'vitest'
import { shortText } from '../../../agent/actions/short-text.ts'

test('a short text has no line breaks, and its secrets are left out before it is cut', () => {
  expect(shortText(`alter role a\n  password 'a very long secret'`, 30)).toBe(`alter role a password '***'`)
  expect(shortText('x'.repeat(300), 10)).toBe('xxxxxxxxx…')
})
