import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cases } from '../../../../agent/insight/watchdog/cases.ts'
import { createPolicyFile } from '../../../../agent/insight/watchdog/policy-file.ts'
import { problemsOfPolicyFile, readPolicy } from '../../../../agent/insight/watchdog/read-policy.ts'
import { createLog } from '../../../../common/log.ts'

const example = readFileSync(
  fileURLToPath(new URL('../../../../agent/insight/watchdog/example.yaml', import.meta.url)),
  'utf8',
)

const rule = (lines: string): string => `rules:\n  - ${lines.split('; ').join('\n    ')}\n`
const problems = (text: string): readonly string[] => readPolicy(text, 'p.yaml').problems ?? []

describe('a policy file', () => {
  test('that comes with the agent is valid, tries only, and has a rule for each case', () => {
    const { policy } = readPolicy(example, 'example.yaml')
    expect(policy?.dry_run).toBe(true)
    expect([...new Set(policy?.rules.map((one) => one.case))].sort()).toEqual([...cases].sort())
  })

  test('with nothing in it tries only, has caps and no rules', () => {
    expect(readPolicy('', 'p.yaml').policy).toMatchObject({ dry_run: true, per_minute: 5, rules: [] })
  })

  test('has durations in milliseconds, and 30 s of grace unless told', () => {
    const { policy } = readPolicy(
      rule('name: a; case: client-read; after: 10m; harm: {blocks_longer_than: 5s}; action: terminate'),
      'p.yaml',
    )
    expect(policy?.rules[0]).toMatchObject({
      after: 600_000,
      grace: 30_000,
      per_minute: 2,
      harm: { blocks_longer_than: 5_000 },
    })
  })

  test.each([
    ['dry_runs: false', 'p.yaml:1: unknown key dry_runs; allowed: dry_run, per_minute, protected, rules'],
    ['dry_run: maybe', 'p.yaml:1: dry_run: was "maybe"; allowed: true or false'],
    [
      rule('name: a; case: idle; after: 1m; harm: none'),
      `p.yaml:3: rules[0].case: was "idle"; allowed: ${cases.join(', ')}`,
    ],
    [
      rule('name: a; case: long-query; after: soon; harm: none'),
      'p.yaml:4: rules[0].after: was "soon"; allowed: a duration from 1s to 30d, such as 90s or 10m',
    ],
    [
      rule('name: a; case: long-query; after: 1m'),
      'p.yaml:2: rules[0].harm: missing; allowed: none, or at least one of blocks_longer_than: <duration>, xmin_older_than: <transactions>, holds_exclusive_lock: true',
    ],
    [
      rule('name: a; case: long-query; after: 1m; harm: {}'),
      'p.yaml:5: rules[0].harm: was {}; allowed: none, or at least one of blocks_longer_than: <duration>, xmin_older_than: <transactions>, holds_exclusive_lock: true',
    ],
    [
      rule('name: a; case: client-read; after: 1m; harm: none; action: cancel'),
      'p.yaml:6: rules[0].action: was "cancel"; allowed: report or terminate in this case, because a cancel has no effect on a session that waits for the next message of its client',
    ],
    [
      rule('name: a; case: prepared-transaction; after: 1m; action: terminate'),
      'p.yaml:5: rules[0].action: was "terminate"; allowed: report, because a person has to decide about a prepared-transaction: its coordinator may still need it',
    ],
    [
      rule('name: a; case: lock-head; after: 1m; harm: none'),
      'p.yaml:5: rules[0].harm: was "none"; allowed: one with blocks_longer_than for a lock-head',
    ],
    [
      'protected: {clients: [10.0.0.0/33]}',
      'p.yaml:1: protected.clients[0]: was "10.0.0.0/33"; allowed: an address, a network such as 10.0.0.0/8, or "socket"',
    ],
    [
      `${rule('name: a; case: long-query; after: 1m; harm: none')}  - { name: a, case: long-query, after: 2m, harm: none }\n`,
      'p.yaml:6: rules[1].name: was "a"; allowed: each name once, because caps and figures go by it',
    ],
  ])('says of %j what was wrong, where, and what is allowed', (text, problem) => {
    expect(problems(text)).toEqual([problem])
  })
})

describe('the policy in use', () => {
  const inFile = (text: string) => {
    const directory = mkdtempSync(join(tmpdir(), 'pgherd-watchdog-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const path = join(directory, 'watchdog.yaml')
    writeFileSync(path, text, { mode: 0o600 })
    const log = createLog({ level: 'silent', program: 'test' })
    return { path, file: createPolicyFile(path, process.getuid?.() ?? 0, log) }
  }

  test('stays when the file gets a mistake, which is told, and ends with the file', async () => {
    const { path, file } = inFile(example)
    expect(await file.reload()).toBe(true)
    const { policy } = file.now()
    writeFileSync(path, 'rules: 7')
    expect(await file.reload()).toBe(false)
    expect(file.now()).toEqual({ policy, problems: [`${path}:1: rules: was 7; allowed: a list of rules`] })
    rmSync(path)
    expect(await file.reload()).toBe(true)
    expect(file.now()).toEqual({ policy: undefined, problems: [] })
  })

  test('can be checked before anything runs', () => {
    const user = process.getuid?.() ?? 0
    const { path } = inFile(example)
    expect(problemsOfPolicyFile(path, user)).toEqual([])
    writeFileSync(path, 'rules: 7')
    expect(problemsOfPolicyFile(path, user)).toEqual([`${path}:1: rules: was 7; allowed: a list of rules`])
    chmodSync(path, 0o620)
    expect(problemsOfPolicyFile(path, user)).toEqual([expect.stringContaining('had mode 620')])
    rmSync(path)
    expect(problemsOfPolicyFile(path, user)).toEqual([`${path}: there is no such file`])
  })

  test('is none that others could have written', async () => {
    const { path, file } = inFile(example)
    chmodSync(path, 0o666)
    expect(await file.reload()).toBe(false)
    expect(file.now().policy).toBeUndefined()
    expect(file.now().problems[0]).toMatch(/had mode 666; allowed/)
  })
})

test('the rule that the manual explains is one', () => {
  const manual = readFileSync('docs/26-watchdog.md', 'utf8')
  const [, shown = ''] =
    /```yaml\n((?:#.*\n)*rules:\n {2}- name: idle-in-transaction\n[^`]+)```/.exec(manual) ?? []
  expect(readPolicy(shown, 'p.yaml')).toMatchObject({
    policy: { rules: [{ case: 'idle-in-transaction', after: 900_000, action: 'terminate' }] },
  })
})

describe('a selector', () => {
  const one = (more: string): readonly string[] =>
    problems(`rules: [{ name: a, case: long-query, after: 1m, harm: none, ${more} }]`)

  test.each(['only: {}', 'only: { roles: [] }', 'only: { roles: [], databases: [shop] }'])(
    'of whom a rule is about must name somebody: %s',
    (more) => {
      expect(one(more)[0]).toMatch(/rules\[0\]\.only.*; allowed: (at least one of|a list with)/)
    },
  )

  test('of who is left alone may be empty', () => {
    expect(one('except: { roles: [] }, only: { roles: [app] }')).toEqual([])
  })

  test('of applications takes only what PostgreSQL keeps of a name', () => {
    expect(one(`except: { applications: ['Überwachung'] }`)[0]).toMatch(/of ASCII as PostgreSQL keeps it$/)
  })
})
