import { expect, test } from 'vitest'
import { network } from '../../../common/config/network.ts'

test.each(['10.0.0.7', '10.0.0.0/24', '0.0.0.0/0', '2001:db8::1', '2001:db8::/128'])('%s is one', (text) => {
  expect(network.schema.safeParse(text).success).toBe(true)
})

test.each([
  'proxy.example',
  '10.0.0',
  '10.0.0.0/33',
  '10.0.0.0/',
  '/8',
  '2001:db8::/129',
  'fe80::1%eth0',
  '',
])('"%s" is none', (text) => {
  expect(network.schema.safeParse(text).success).toBe(false)
})
