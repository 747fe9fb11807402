import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hideLiterals } from '../../../common/sql/hide-literals.ts'

describe('constants are hidden', () => {
  test.each([
    ["select * from t where a = 'x' and b = 42", 'select * from t where a = ? and b = ?'],
    ["select 'it''s', ''", 'select ?, ?'],
    [String.raw`select E'it\'s \\', 1`, 'select ?, ?'],
    [String.raw`select e'a\\' || U&'\0061' || b'01' || X'ff' || n'x'`, 'select ? || ? || ? || ? || ?'],
    ["select date '2020-01-01', fooE 'x', fooE'x'", 'select date ?, fooE ?, fooE?'],
    ['select 1, 1.5, .5, 1e10, 1E-5, 0xFF, 1_000', 'select ?, ?, ?, ?, ?, ?, ?'],
    ['select t1.c2, x$1, $1, $22', 'select t1.c2, x$1, $1, $22'],
    ["select $$it's$$, $a$ $$ $b$ $a$, 2", 'select ?, ?, ?'],
    ["select 'a'\n  'b'", 'select ? ?'],
    ["insert into t values (1, 'x'), (-2, NULL)", 'insert into t values (?, ?), (-?, NULL)'],
    ['select "a 1", "say ""5""", U&"d\\0061t" from "T"', 'select "a 1", "say ""5""", U&"d\\0061t" from "T"'],
    ['select größe1 from straße where ñ=5', 'select größe1 from straße where ñ=?'],
    ["select a->>'k', b @> '{\"x\": 1}'::jsonb, 7::int", 'select a->>?, b @> ?::jsonb, ?::int'],
  ])('%s', (sql, expected) => {
    expect(hideLiterals(sql)).toBe(expected)
  })

  test('numbers may stay in definitions', () => {
    expect(hideLiterals("create table t (a varchar(20) default 'x')", { keepNumbers: true })).toBe(
      'create table t (a varchar(20) default ?)',
    )
  })
})

describe('comments go, blanks are one space', () => {
  test.each([
    ['select 1 -- token abc\n  from t', 'select ? from t'],
    ['/* a /* nested */ secret */ select\t\n a', 'select a'],
    ['select a/* hint */from t', 'select a from t'],
    ['select a -- to the end', 'select a'],
    ['select a /* never closed', 'select a'],
    ['select 1-- x\r\n- 2', 'select ? - ?'],
    ['select a @-- not an operator\n b', 'select a @ b'],
    ["select '--', '/*' from t", 'select ?, ? from t'],
  ])('%s', (sql, expected) => {
    expect(hideLiterals(sql)).toBe(expected)
  })
})

describe('passwords never stay', () => {
  const secrets = [
    "alter role app with login password 'hunter2'",
    "ALTER USER app ENCRYPTED PASSWORD E'hunter2' VALID UNTIL '2030-01-01'",
    'create role app password $x$hunter2$x$',
    'create role app password "hunter2"',
    "create user mapping for app server s options (user 'app', password 'hunter2')",
    "create subscription s connection 'host=h password=hunter2' publication p",
    "alter subscription s connection 'postgres://u:hunter2@h/db'",
    "alter system set primary_conninfo = 'host=h password=hunter2'",
    'set app.token = hunter2',
    'SET LOCAL app.token TO hunter2, b',
    "set session app.token = 'hunter2'",
    String.raw`set app.token = E'\'hunter2'`,
    "copy t from program 'curl -u app:hunter2 http://h/'",
    "copy (select 1) to '/tmp/hunter2' with (format csv, null 'hunter2')",
    "do $$ begin execute 'alter role app password ''hunter2'''; end $$",
    "do language plpgsql 'begin perform ''hunter2''; end'",
    'create function f() returns text language sql as $f$ select $x$hunter2$x$ $f$',
    "select pgp_sym_decrypt(c, 'hunter2') from t",
    "select dblink('password=hunter2', 'select 1')",
    "-- password 'hunter2'\nalter role app nologin",
    "comment on role app is 'hunter2'",
    "notify c, 'hunter2'",
    "prepare p as select 'hunter2'",
    "execute p('hunter2')",
  ]

  test.each(secrets)('%s', (sql) => {
    expect(hideLiterals(sql)).not.toContain('hunter2')
  })

  test.each(secrets)('wherever it was cut off: %s', (sql) => {
    for (let length = 0; length <= sql.length; length++) {
      const part = sql.slice(0, length)
      // A name in double quotes of which the end is missing is none.
      expect(hideLiterals(part)).not.toMatch(/hunt/)
    }
  })

  test('the rest of a text is not shown where a backslash makes its strings end in two places', () => {
    expect(hideLiterals(String.raw`select 'it\'s hunter2', a from t`)).toBe('select ?')
    expect(hideLiterals(String.raw`select 'C:\', hunter from t`)).toBe('select ?')
    expect(hideLiterals(String.raw`select 'C:\\', a from t`)).toBe('select ?, a from t')
  })

  test('a column that is called password is only a name', () => {
    expect(hideLiterals('select password from users where id = 5')).toBe(
      'select password from users where id = ?',
    )
  })

  test('what is set without a dot stays, as does an assignment of UPDATE', () => {
    expect(hideLiterals('set work_mem to default')).toBe('set work_mem to default')
    expect(hideLiterals('update t set a = b.c, d = e')).toBe('update t set a = b.c, d = e')
  })
})

const piece = fc.oneof(
  fc.constantFrom(
    'select',
    ' ',
    '\n',
    ',',
    '(',
    ')',
    '=',
    '->',
    '--',
    '/*',
    '*/',
    '$1',
    "'",
    '"',
    '$$',
    '$a$',
    '\\',
    'E',
    'U&',
    'set',
    '.',
    '1',
    'to',
  ),
  fc.string({ maxLength: 5 }),
)
const anySql = fc.array(piece, { maxLength: 60 }).map((parts) => parts.join(''))
const inAString = fc
  .string({ minLength: 1, maxLength: 20 })
  .map((text) => `zq${text.replaceAll(/['\\$"]/g, '')}qz`)

test('a text is the same when it goes through a second time', () => {
  fc.assert(
    fc.property(anySql, (sql) => {
      const once = hideLiterals(sql)
      expect(hideLiterals(once)).toBe(once)
    }),
  )
})

test('whatever stands around a string, what is in it does not stay', () => {
  const forms = fc.constantFrom(
    (text: string) => `'${text}'`,
    (text: string) => `E'${text}'`,
    (text: string) => `U&'${text}'`,
    (text: string) => `$zz$${text}$zz$`,
    (text: string) => `'${text}`,
  )
  const around = fc.stringMatching(/^[a-z0-9 ,()=<>+*\n.]{0,40}$/)
  fc.assert(
    fc.property(around, inAString, forms, around, (before, text, form, after) => {
      const shown = hideLiterals(`${before} ${form(text)} ${after}`)
      expect(shown).not.toContain('zq')
      expect(shown).not.toContain('qz')
    }),
  )
})

test('megabytes take time in proportion, whatever is in them', () => {
  const megabyte = 1 << 20
  const unit = (text: string): string => text.repeat(megabyte / text.length)
  const worst = [
    unit("'"),
    unit('a'),
    unit('$a$ $'),
    unit('/*'),
    unit('set a.b = c '),
    unit('1,'),
    unit('""'),
    `'${unit('\\')}'`,
    `E'${unit('\\')}'`,
    unit("''\\"),
    unit('$'),
    unit('$a'),
    unit(' = '),
    unit('-'),
  ]
  for (const sql of worst) {
    const startedMs = performance.now()
    hideLiterals(sql)
    const elapsedMs = performance.now() - startedMs
    // Quadratic would be minutes.
    expect(elapsedMs, sql.slice(0, 12)).toBeLessThan(5_000)
  }
})

test('what is given is no longer than asked for, but for the dots', () => {
  const sql = `select ${Array.from({ length: 1_000 }, (_, i) => `column_${String(i)}`).join(', ')}`
  const shown = hideLiterals(sql, { maxLength: 100 })
  expect(shown.length).toBeLessThanOrEqual(104)
  expect(shown.endsWith(' ...')).toBe(true)
  expect(hideLiterals('select a', { maxLength: 100 })).toBe('select a')
})
