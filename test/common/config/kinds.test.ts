import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  bytes,
  list,
  loopbackListen,
  oneOf,
  parseDuration,
  printBytes,
  printDuration,
} from '../../../common/config/kinds.ts'

test.each([
  ['500ms', 500],
  ['10s', 10_000],
  ['1h30m', 5_400_000],
  ['30d', 2_592_000_000],
  ['0s', 0],
])('the duration %s is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each(['', '10', 's', '1.5s', '-1s', '10 s', '1y', '99999999999999999999w'])(
  '%j is no duration',
  (text) => {
    expect(parseDuration(text)).toBeUndefined()
  },
)

test('a printed duration or size reads back as the same value', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 40), (value) => {
      expect(parseDuration(printDuration(value))).toBe(value)
      expect(bytes({ min: 0, max: 2 ** 50 }).schema.parse(printBytes(value))).toBe(value)
    }),
  )
})

test.each([
  ['64MiB', 67_108_864],
  ['1.5GiB', 1_610_612_736],
  ['500MB', 500_000_000],
  [1024, 1024],
])('the size %s is %d bytes', (given, size) => {
  expect(bytes({ min: 0, max: 2 ** 40 }).schema.parse(given)).toBe(size)
})

test.each(['64 monkeys', '-1', '1e9', '2PiB', '65MiB'])(
  'the size %j is refused within 0 to 64 MiB',
  (given) => {
    expect(bytes({ min: 0, max: 2 ** 26 }).schema.safeParse(given).success).toBe(false)
  },
)

test.each(['127.0.0.1:8432', 'localhost:0', '[::1]:65535'])('%s may be listened on', (given) => {
  expect(loopbackListen.print(loopbackListen.schema.parse(given))).toBe(given)
})

test.each(['0.0.0.0:80', '10.0.0.1:80', ':80', '127.0.0.1', '127.0.0.1:65536', '[::]:80'])(
  '%s is refused: without TLS only loopback is served',
  (given) => {
    expect(loopbackListen.schema.safeParse(given).success).toBe(false)
  },
)

test('a list is a YAML list or text with commas, and each element is checked', () => {
  const colours = list(oneOf(['red', 'green']))
  expect(colours.schema.parse('red, green')).toEqual(['red', 'green'])
  expect(colours.schema.parse(['green'])).toEqual(['green'])
  expect(colours.schema.parse('')).toEqual([])
  expect(colours.schema.safeParse('red,blue').success).toBe(false)
})
