import { describe, expect, test } from 'vitest'
import { createMessageCheck } from '../../../agent/postgres/message-check.ts'

function message(type: string, body: string | Buffer): Buffer {
  const content = Buffer.from(body as string, 'latin1')
  const header = Buffer.alloc(5)
  header.write(type, 'latin1')
  header.writeInt32BE(content.length + 4, 1)
  return Buffer.concat([header, content])
}

const oneColumn = `\0\u0001name\0${'\0'.repeat(18)}`
const good = [
  message('R', `\0\0\0\nSCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0`),
  message('R', `\0\0\0\u000br=nonce without an end`),
  message('R', '\0\0\0\0'),
  message('S', 'TimeZone\0UTC\0'),
  message('K', '12345678'),
  message('N', 'SNOTICE\0Mhello\0\0'),
  message('T', oneColumn),
  message('D', Buffer.alloc(100_000, 'x')),
  message('C', 'SELECT 1\0'),
  message('A', 'pid4channel\0\0'),
  message('E', 'SERROR\0C42P01\0\0'),
  message('Z', 'I'),
]

describe('what PostgreSQL sends', () => {
  test.each([1, 3, 7, 1000, 1_000_000])('passes in pieces of %i bytes', (size) => {
    const check = createMessageCheck()
    const all = Buffer.concat(good)
    for (let at = 0; at < all.length; at += size) check(all.subarray(at, at + size))
    // The last piece was looked at too: what follows it is judged from the right place on.
    expect(() => check(message('C', 'no end'))).toThrow('a text without an end')
  })
})

test('an answer with more rows than an agent can take is an error; many answers are none', () => {
  const rows = Buffer.concat(Array.from({ length: 10_000 }, () => message('D', '\0\0')))
  const check = createMessageCheck()
  for (let i = 0; i < 100; i++) {
    check(rows)
    check(message('Z', 'I'))
  }
  expect(() => {
    for (let i = 0; i < 100; i++) check(rows)
  }).toThrow('longer than an agent can take')
})

describe('what cannot be PostgreSQL is an error:', () => {
  test.each([
    ['an error without the final zero', message('E', 'SFATAL\0')],
    ['an empty error', message('E', '')],
    ['a notice whose text does not end', message('N', 'Mhello')],
    ['a parameter without a value', message('S', 'TimeZone\0')],
    ['a command tag that does not end', message('C', 'SELECT 1')],
    ['a notification that is too short', message('A', 'pid4')],
    ['more columns than there are', message('T', `\0\u0002${oneColumn.slice(2)}`)],
    ['a list of mechanisms that does not end', message('R', '\0\0\0\nSCRAM-SHA-256\0')],
    ['a length of 0', Buffer.from('R\0\0\0\0\0\0\0\0', 'latin1')],
    ['a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a MySQL server', Buffer.from('E\0\0\0\n5.5.5-10.6.12-MariaDB-1:10.6.12+maria~ubu2204\0', 'latin1')],
  ])('%s', (_, bytes) => {
    expect(() => createMessageCheck()(bytes)).toThrow("is not PostgreSQL's protocol")
  })

  test('a text that does not end, though the next message has a zero', () => {
    const check = createMessageCheck()
    expect(() => check(Buffer.concat([message('C', 'SELECT 1'), message('C', 'SELECT 1\0')]))).toThrow(
      'a text without an end',
    )
  })
})
