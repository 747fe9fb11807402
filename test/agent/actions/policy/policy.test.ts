import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { kinds as allKinds } from '../../../../agent/actions/kinds.ts'
import { decide } from '../../../../agent/actions/policy/decide.ts'
import type { Asked } from '../../../../agent/actions/policy/decide.ts'
import { isWithin } from '../../../../agent/actions/policy/hours.ts'
import { defaultPolicy, readPolicy } from '../../../../agent/actions/policy/read-policy.ts'
import { policyFile } from '../../../../agent/actions/policy/schema.ts'

const kinds = ['ping', 'reload', 'terminate', 'vacuum', 'cancel']
const asked = (of: Partial<Asked> = {}): Asked => ({
  kind: 'vacuum',
  risk: 'change',
  mode: 'run',
  server: 'pg-main-1',
  args: { table: 'app.orders', full: false },
  operators: ['anna'],
  atMs: Date.parse('2026-03-04T10:00:00Z'),
  ...of,
})
const verdict = (yaml: string, of: Partial<Asked> = {}, count = 0) => {
  const { policy, problems } = readPolicy(yaml, 'policy.yaml', kinds)
  expect(problems).toEqual([])
  const answer = decide(policy!, asked(of), () => count)
  return answer.allowed ? 'allowed' : answer.reason
}

describe('a policy', () => {
  test('without a file allows what reads, and plans of nothing else', () => {
    const ask = (of: Partial<Asked>) => decide(defaultPolicy, asked(of), () => 0).allowed
    expect(ask({ kind: 'ping', risk: 'read' })).toBe(true)
    expect(ask({})).toBe(false)
    expect(ask({ mode: 'plan' })).toBe(false)
  })

  test('that is empty allows nothing', () => {
    expect(verdict('')).toBe('policy')
    expect(verdict('rules: []', { kind: 'ping', risk: 'read' })).toBe('policy')
  })

  test('allows what one of its rules allows: by kind, risk, operator and server', () => {
    expect(verdict('rules: [{ kinds: [vacuum] }]')).toBe('allowed')
    expect(verdict('rules: [{ kinds: [change] }]')).toBe('allowed')
    expect(verdict('rules: [{ kinds: [read, destructive, reload] }]')).toBe('policy')
    expect(verdict('rules: [{ kinds: [vacuum], operators: [ben] }]')).toBe('policy')
    expect(verdict('rules: [{ kinds: [vacuum], operators: [ben] }, { kinds: [vacuum] }]')).toBe('allowed')
    expect(verdict('rules: [{ kinds: [vacuum], servers: [pg-main-2] }]')).toBe('policy')
    expect(verdict('rules: [{ kinds: [vacuum], servers: [pg-main-1] }]')).toBe('allowed')
  })

  test('has to name an action that wants to be named: a rule for its risk does not allow it', () => {
    const trial = { mustBeNamed: true, risk: 'destructive' } as const
    expect(verdict('rules: [{ kinds: [read, change, destructive] }]', trial)).toBe('policy')
    expect(verdict('rules: [{ kinds: [read, change, destructive] }]', { ...trial, mode: 'plan' })).toBe(
      'policy',
    )
    expect(verdict('rules: [{ kinds: [destructive, vacuum] }]', trial)).toBe('allowed')
    const two = 'rules: [{ kinds: [vacuum] }]\nrequire_two_operators: [destructive]'
    expect(verdict(two, trial)).toBe('two-operators')
    expect(allKinds.find(({ kind }) => kind === 'index-trial')).toMatchObject({ mustBeNamed: true })
  })

  test('that names operators wants all who signed to be among them', () => {
    const rule = 'rules: [{ kinds: [vacuum], operators: [anna] }]'
    expect(verdict(rule)).toBe('allowed')
    expect(verdict(rule, { operators: ['anna', 'ben'] })).toBe('policy')
  })

  test.each([
    ['a value', '{ table: app.orders, full: false }', 'allowed'],
    ['a list of values', '{ table: [app.a, app.orders], full: false }', 'allowed'],
    ['a pattern', "{ table: { pattern: 'app\\..*' }, full: { any: true } }", 'allowed'],
    ['a pattern that only a part fits', "{ table: { pattern: 'app' }, full: { any: true } }", 'arguments'],
    ['a text in place of false', "{ table: app.orders, full: 'false' }", 'arguments'],
    ['another value', '{ table: app.orders, full: true }', 'arguments'],
    ['an argument that the rule does not name', '{ table: app.orders }', 'arguments'],
    ['an argument that is asked for and missing', '{ table: app.orders, full: false, more: 1 }', 'arguments'],
    [
      'an optional one',
      '{ table: app.orders, full: false, more: { pattern: x, optional: true } }',
      'allowed',
    ],
  ])('limits arguments by %s', (_what, args, result) => {
    expect(verdict(`rules: [{ kinds: [vacuum], args: ${args} }]`)).toBe(result)
  })

  test('holds each element of a list against the rule, and an empty list against none', () => {
    const rule = "rules: [{ kinds: [vacuum], args: { tables: { pattern: 'app_.' } } }]"
    expect(verdict(rule, { args: { tables: ['app_a', 'app_b'] } })).toBe('allowed')
    expect(verdict(rule, { args: { tables: ['app_a', 'billing'] } })).toBe('arguments')
    expect(verdict(rule, { args: { tables: [] } })).toBe('arguments')
  })

  test('tells which elements of a list it refuses', () => {
    const rule = "rules: [{ kinds: [vacuum], args: { settings: { pattern: 'work_mem=.*' } } }]"
    const { policy } = readPolicy(rule, 'p', kinds)
    const message = (...settings: readonly string[]) =>
      decide(policy!, asked({ args: { settings } }), () => 0)
    expect(message('work_mem=8MB', 'fsync=off')).toMatchObject({
      message: 'vacuum: the argument settings is not what the rule allows: "fsync=off"',
    })
    expect(message('a=1', 'b=2', 'c=3', `d=${'x'.repeat(500)}`)).toMatchObject({
      message: expect.stringMatching(/: "a=1", "b=2", "c=3" and 1 more$/) as string,
    })
  })

  test('lets two operators do what one may not, and a plan needs but one', () => {
    const rule = 'rules: [{ kinds: [change] }]\nrequire_two_operators: [vacuum]'
    expect(verdict(rule)).toBe('two-operators')
    expect(verdict(rule, { operators: ['anna', 'ben'] })).toBe('allowed')
    expect(verdict(rule, { mode: 'plan' })).toBe('allowed')
    const byRisk = 'rules: [{ kinds: [change] }]\nrequire_two_operators: [change]'
    expect(verdict(byRisk)).toBe('two-operators')
  })

  test('counts what was let run against the rate', () => {
    const rule = 'rules: [{ kinds: [vacuum], rate: { max: 3, per: 1h } }]'
    expect(verdict(rule, {}, 2)).toBe('allowed')
    expect(verdict(rule, {}, 3)).toBe('rate')
  })

  test('tells the operator what comes nearest to a permission', () => {
    const rules = "rules: [{ kinds: [ping] }, { kinds: [vacuum], hours: [{ from: '20:00', to: '22:00' }] }]"
    const { policy } = readPolicy(rules, 'p', kinds)
    expect(decide(policy!, asked(), () => 0)).toEqual({
      allowed: false,
      reason: 'hours',
      message: 'vacuum is allowed daily 20:00 to 22:00 (UTC), and not now',
    })
  })
})

describe('hours', () => {
  const at = (text: string) => Date.parse(text)
  const night = { days: ['fri' as const], from: 22 * 60, to: 6 * 60 }

  test('are those of a wall clock in their time zone, over its changes', () => {
    const office = { days: ['sun' as const, 'fri' as const], from: 8 * 60, to: 18 * 60 }
    expect(isWithin(office, at('2026-03-27T07:00:00Z'), 'Europe/Zurich')).toBe(true)
    // Two days later summer time has begun.
    expect(isWithin(office, at('2026-03-29T06:00:00Z'), 'Europe/Zurich')).toBe(true)
    expect(isWithin(office, at('2026-03-29T05:59:00Z'), 'Europe/Zurich')).toBe(false)
    expect(isWithin(office, at('2026-03-27T17:00:00Z'), 'Europe/Zurich')).toBe(false)
    expect(isWithin(office, at('2026-03-28T10:00:00Z'), 'Europe/Zurich')).toBe(false)
  })

  test('over midnight belong to the day on which they begin', () => {
    expect(isWithin(night, at('2026-03-06T22:00:00Z'), 'UTC')).toBe(true)
    expect(isWithin(night, at('2026-03-07T05:59:00Z'), 'UTC')).toBe(true)
    expect(isWithin(night, at('2026-03-07T06:00:00Z'), 'UTC')).toBe(false)
    expect(isWithin(night, at('2026-03-06T05:00:00Z'), 'UTC')).toBe(false)
    expect(isWithin(night, at('2026-03-07T23:00:00Z'), 'UTC')).toBe(false)
  })

  test('of a whole day have no gap', () => {
    const always = policyFile.parse({ rules: [{ kinds: ['x'], hours: [{}] }] }).rules[0]!.hours![0]!
    fc.assert(fc.property(fc.integer({ min: 0, max: 2e12 }), (ms) => isWithin(always, ms, 'Asia/Kolkata')))
  })
})

describe('a policy file with mistakes', () => {
  test('is told line by line', () => {
    const text = `
time_zone: Mars/Olympus
rules:
  - kinds: [vacum]
    hours:
      - { from: 25:00, days: [monday] }
  - operators: anna
    rate: { max: 0, per: 2d }
    unless: x
require_two_operators: [reboot]
`
    expect(readPolicy(text, '/etc/pgherd/policy.yaml', kinds)).toEqual({
      policy: undefined,
      problems: [
        '/etc/pgherd/policy.yaml:2: time_zone: was "Mars/Olympus"; allowed: a time zone such as Europe/Zurich',
        '/etc/pgherd/policy.yaml:6: rules[0].hours[0].days[0]: was "monday"; allowed: mon, tue, wed, thu, fri, sat, sun',
        expect.stringContaining('policy.yaml:6: rules[0].hours[0].from: was') as string,
        '/etc/pgherd/policy.yaml:7: rules[1].kinds: missing; allowed: a list',
        '/etc/pgherd/policy.yaml:7: rules[1].operators: was "anna"; allowed: a list',
        expect.stringContaining('policy.yaml:8: rules[1].rate.max: was 0') as string,
        '/etc/pgherd/policy.yaml:8: rules[1].rate.per: was "2d"; allowed: a duration from 1s to 1d',
        '/etc/pgherd/policy.yaml:7: rules[1]: unknown key unless; allowed: kinds, operators, servers, args, hours, rate',
      ],
    })
  })

  test('with a kind that no action has would protect nothing', () => {
    const text = 'rules: [{ kinds: [vacum] }]\nrequire_two_operators: [reboot]'
    expect(readPolicy(text, 'p', kinds).problems).toEqual([
      'p:1: rules[0].kinds[0]: was "vacum"; allowed: vacuum',
      'p:2: require_two_operators[0]: was "reboot"; allowed: read, change, destructive, ping, reload, terminate, vacuum, cancel',
    ])
  })

  test.each([
    ['no YAML', 'rules: [', /^p:1:\d+: /],
    ['a key twice', 'rules: []\nrules: []', /^p:2:\d+: .*unique/],
    [
      'an alias that multiplies itself',
      `a: &a [1,1]\n${Array.from({ length: 30 }, (_, i) => `b${i}: &b${i} [${`*${i === 0 ? 'a' : `b${i - 1}`},`.repeat(9)}]`).join('\n')}`,
      /^p/,
    ],
    ['a list', '- x', /^p:1: was \["x"\]; allowed: time_zone, rules/],
    ['an expression that is none', "rules: [{ kinds: [ping], args: { a: { pattern: '(' } } }]", /args.a/],
  ])('%s is said to be one', (_what, text, problem) => {
    const { policy, problems } = readPolicy(text, 'p', kinds)
    expect(policy).toBeUndefined()
    expect(problems[0]).toMatch(problem)
  })

  test('never does more than say so, whatever is in it', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.jsonValue().map((value) => JSON.stringify({ rules: value })),
        ),
        (text) => {
          const { policy, problems } = readPolicy(text, 'p', kinds)
          expect(policy === undefined).toBe(problems.length > 0)
        },
      ),
      { numRuns: 300 },
    )
  })
})

test('the policy of the manual is one', () => {
  const manual = readFileSync(new URL('../../../../docs/09-commands.md', import.meta.url), 'utf8')
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(manual) ?? []
  const names = allKinds.map(({ kind }) => kind)
  const { policy, problems } = readPolicy(example, 'docs/09-commands.md', names)
  expect(problems).toEqual([])
  expect(policy?.rules).toHaveLength(3)
})

test('the policy of the manual of indexes lets try some, and drops those that evidence has named', () => {
  const manual = readFileSync(new URL('../../../../docs/25-indexes.md', import.meta.url), 'utf8')
  const [, example = ''] = /```yaml\n(?:#.*\n)*(rules:[\s\S]*?)```/.exec(manual) ?? []
  const { policy, problems } = readPolicy(
    example,
    'docs/25-indexes.md',
    allKinds.map(({ kind }) => kind),
  )
  expect(problems).toEqual([])
  const verdictOn = (kind: string, args: object) => {
    const action = allKinds.find((one) => one.kind === kind)!
    const given = action.args.parse(args) as Asked['args']
    const { risk, mustBeNamed = false } = action
    const answer = decide(policy!, asked({ kind, risk, mustBeNamed, args: given }), () => 0)
    return answer.allowed ? 'allowed' : answer.reason
  }
  const trial = { index: 'public.orders_note_idx', danger: 'updates-pg_index-by-hand' }
  expect(verdictOn('index-trial', trial)).toBe('allowed')
  expect(verdictOn('index-trial', { ...trial, for: '3h' })).toBe('arguments')
  expect(verdictOn('index-trial', { ...trial, index: 'sales.orders_note_idx' })).toBe('arguments')
  const drop = { index: 'public.orders_note_idx', database: 'shop' }
  expect(verdictOn('index-drop', drop)).toBe('arguments')
  expect(verdictOn('index-drop', { ...drop, definition: 'sha256:4f1d09c2' })).toBe('allowed')
  expect(verdictOn('index-drop', { ...drop, definition: 'sha256:4f1d09c2', allow_fk: true })).toBe(
    'arguments',
  )
})
