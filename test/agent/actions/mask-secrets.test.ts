import { describe, expect, test } from 'vitest'
import { maskSecrets, shortText } from '../../../agent/actions/mask-secrets.ts'

describe('a text of others is shown without', () => {
  test.each([
    [`ALTER ROLE a PASSWORD 'se''cret'`, `ALTER ROLE a PASSWORD '***'`],
    [`create role a encrypted password E'se\\'cret' login`, `create role a encrypted password '***' login`],
    [`alter role a password $x$secret$x$ valid until 'x'`, `alter role a password '***' valid until 'x'`],
    [`alter role a password 'secret that was cut`, `alter role a password '***'`],
    [
      `create user mapping for a server s options (user 'u', password 'secret')`,
      `create user mapping for a server s options (user 'u', password '***')`,
    ],
    [`host=a password=secret user=b`, `host=a password=*** user=b`],
    [`host=a password='sec ret' user=b`, `host=a password=*** user=b`],
    [
      `create subscription s connection 'host=a password=secret' publication p`,
      `create subscription s connection 'host=a password=***' publication p`,
    ],
    [
      `select dblink('host=a password=''sec ret'' user=b', 'x')`,
      `select dblink('host=a password=*** user=b', 'x')`,
    ],
    [`postgres://user:secret@host/db`, `postgres://user:***@host/db`],
    [`{"password": "secret"}`, `{"password": "secret"}`],
  ])('%s', (text, shown) => {
    expect(maskSecrets(text)).toBe(shown)
  })

  test('anything that has no secret being changed', () => {
    const text = `select password, count(*) from t where name = 'password' and url = 'https://host:80/x@y'`
    expect(maskSecrets(text)).toBe(text)
  })
})

test('a short text has no line breaks, and its secrets are left out before it is cut', () => {
  expect(shortText(`alter role a\n  password 'a very long secret'`, 30)).toBe(`alter role a password '***'`)
  expect(shortText('x'.repeat(300), 10)).toBe('xxxxxxxxx…')
})
