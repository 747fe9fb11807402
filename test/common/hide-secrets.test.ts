import { expect, test } from 'vitest'
import { hideSecrets } from '../../common/hide-secrets.ts'

test.each([
  [
    'a URL',
    'cannot reach postgres://anna:s3cret@db:5432/app',
    'cannot reach postgres://anna:***@db:5432/app',
  ],
  ['a connection string', 'host=db password=s3cret user=anna', 'host=db password=*** user=anna'],
  ['one with quotes', "host=db password = 's3 cret' user=anna", "host=db password = '***' user=anna"],
  ['JSON', '{"db_password":"s3cret","user":"anna"}', '{"db_password":"***","user":"anna"}'],
  ['JSON within JSON', '{"a":"{\\"password\\":\\"s3cret\\"}"}', '{"a":"{\\"password\\":\\"***\\"}"}'],
  ['a statement', "ALTER ROLE anna PASSWORD 's3''cret' LOGIN", "ALTER ROLE anna PASSWORD '***' LOGIN"],
  ['a statement with dollars', 'alter role anna password $x$s3cret$x$', "alter role anna password '***'"],
  ['a query string', 'https://h/?sslpassword=s3cret&x=1', 'https://h/?sslpassword=***&x=1'],
  [
    'a constant with escapes',
    `create role a password E'se\\'cret' login`,
    `create role a password '***' login`,
  ],
  ['a statement that was cut off', `alter role a password 's3cret that was`, `alter role a password '***'`],
  [
    'options of a user mapping',
    `options (user 'u', password 's3cret')`,
    `options (user 'u', password '***')`,
  ],
  [
    'a subscription',
    `connection 'host=a password=s3cret' publication p`,
    `connection 'host=a password=***' publication p`,
  ],
  [
    'a connection string within a string',
    `dblink('host=a password=''s3 cret'' user=b', 'x')`,
    `dblink('host=a password=''***'' user=b', 'x')`,
  ],
])('a password in %s is not shown', (_where, text, shown) => {
  expect(hideSecrets(text)).toBe(shown)
  expect(hideSecrets(shown)).toBe(shown)
})

test('what is no secret stays as it is', () => {
  const text =
    'the password of anna is in a file; see http://host:8432/path@x, token bucket: 3, select password from t'
  expect(hideSecrets(text)).toBe(text)
})

test('takes no longer for text that was made for it', () => {
  const started = process.cpuUsage()
  for (const piece of ['a://b:', "password '", 'password $a$', 'password:"\\', 'passwordpassword', '${1}$']) {
    hideSecrets(piece.repeat(Math.ceil(200_000 / piece.length)))
  }
  expect(process.cpuUsage(started).user).toBeLessThan(2_000_000)
})
