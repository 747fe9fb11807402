import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readInvocation } from '../../../common/config/command-line.ts'
import { duration, integer, oneOf, path, url } from '../../../common/config/kinds.ts'
import { option, optional, required } from '../../../common/config/option-table.ts'
import { PgherdError } from '../../../common/errors.ts'

const table = {
  'identity.cluster': required(oneOf(['pg-main', 'pg-test']), 'the cluster'),
  'scrape.interval': option(duration({ min: '1s', max: '5m' }), 'time between measurements', 10_000),
  'spool.max_files': option(integer({ min: 1, max: 10 }), 'most files', 3),
  'postgres.url': optional(url(['postgres']), 'the server'),
  'postgres.password_file': optional(path, 'the password'),
}
const program = {
  name: 'sample',
  what: 'A sample program.',
  table,
  environmentPrefix: 'SAMPLE',
  check: (config: { 'spool.max_files': number }) =>
    config['spool.max_files'] === 7 ? ['spool.max_files: was 7; allowed: anything but 7'] : [],
}

function configFile(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-config-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'sample.yaml')
  writeFileSync(file, text)
  return file
}

function run(argv: readonly string[], environment: Record<string, string> = {}) {
  const printed: string[] = []
  const asked = readInvocation(program, { argv, environment, print: (line) => printed.push(line) })
  return { config: asked?.config, mode: asked?.mode, printed: printed.join('\n') }
}

function problemsOf(argv: readonly string[], environment: Record<string, string> = {}): readonly string[] {
  try {
    run(argv, environment)
  } catch (error) {
    if (error instanceof PgherdError && error.exit === 2) return error.message.split('\n')
    throw error
  }
  throw new Error('the configuration was accepted')
}

test('a flag wins over the environment, that over the file, that over the default', () => {
  const file = configFile('identity: {cluster: pg-main}\nscrape: {interval: 20s}\nspool: {max_files: 4}\n')
  const environment = { SAMPLE_SPOOL_MAX_FILES: '5', SAMPLE_SCRAPE_INTERVAL: '30s' }
  const { config } = run(['--config', file, '--scrape-interval', '40s'], environment)
  expect(config).toEqual({
    'identity.cluster': 'pg-main',
    'scrape.interval': 40_000,
    'spool.max_files': 5,
    'postgres.url': undefined,
    'postgres.password_file': undefined,
  })
})

test('every error is one line with its place, the key, what it was and what is allowed', () => {
  const file = configFile('identity:\n  cluster: oracle\nscrape:\n  intervall: 5s\n  interval: 10 parsecs\n')
  expect(problemsOf(['--config', file, '--spool-max-files', 'many'])).toEqual([
    `${file}:4: scrape.intervall: unknown key; allowed: scrape.interval`,
    `${file}:2: identity.cluster: was "oracle"; allowed: one of pg-main, pg-test`,
    `${file}:5: scrape.interval: was "10 parsecs"; allowed: a duration from 1s to 5m, such as 500ms, 10s, 5m, 1h30m or 30d`,
    'flag --spool-max-files: spool.max_files: was "many"; allowed: a whole number from 1 to 10',
  ])
})

test('a missing required option says all three ways to give it', () => {
  expect(problemsOf([])).toEqual([
    'configuration: identity.cluster: missing; allowed: one of pg-main, pg-test (or --identity-cluster, SAMPLE_IDENTITY_CLUSTER)',
  ])
})

test('an unknown variable with our prefix is an error, others are none of our business', () => {
  expect(
    problemsOf(['--identity-cluster', 'pg-main'], { SAMPLE_SCRAPE_INTERVALL: '5s', HOME: '/root' }),
  ).toEqual(['environment SAMPLE_SCRAPE_INTERVALL: unknown variable; allowed: SAMPLE_SCRAPE_INTERVAL'])
})

test('YAML that does not parse is reported with line and column', () => {
  const file = configFile('identity: {cluster: pg-main\n')
  expect(problemsOf(['--config', file])[0]).toMatch(new RegExp(`^${file}:\\d+:\\d+: `))
})

test('a key that stands twice is an error', () => {
  const file = configFile('scrape: {interval: 5s}\nscrape: {interval: 6s}\nidentity: {cluster: pg-main}\n')
  expect(problemsOf(['--config', file]).join()).toMatch(/:2:1: .*unique/)
})

test('a file that is not a map of keys is an error, an empty one is not', () => {
  expect(problemsOf(['--config', configFile('- 1\n')])[0]).toContain('allowed: keys with values')
  expect(run(['--config', configFile(''), '--identity-cluster', 'pg-main']).config).toBeDefined()
})

test('a password inside a URL is not printed, neither in an error nor by --check-config', () => {
  const wrong = problemsOf(['--identity-cluster', 'pg-main', '--postgres-url', 'mysql://u:secret@h/d'])
  expect(wrong.join()).not.toContain('secret')
  const { printed } = run([
    '--identity-cluster',
    'pg-main',
    '--postgres-url',
    'postgres://u:secret@h/d',
    '--check-config',
  ])
  expect(printed).toContain('postgres.url: postgres://u:***@h/d')
})

test('--check-config prints every value with its origin and runs nothing', () => {
  const file = configFile('identity: {cluster: pg-main}\n')
  const { config, printed } = run(['--config', file, '--check-config'], { SAMPLE_SPOOL_MAX_FILES: '2' })
  expect(config).toBeUndefined()
  expect(printed.replaceAll(file, 'FILE')).toMatchInlineSnapshot(`
    "identity.cluster: pg-main  # FILE:1
    scrape.interval: 10s  # default
    spool.max_files: 2  # environment SAMPLE_SPOOL_MAX_FILES
    postgres.url: ""  # default
    postgres.password_file: ""  # default
    the configuration is valid"
  `)
})

test('a check across options is reported like any other error', () => {
  expect(problemsOf(['--identity-cluster', 'pg-main', '--spool-max-files', '7'])).toEqual([
    'spool.max_files: was 7; allowed: anything but 7',
  ])
})

test.each([[['--no-such-flag']], [['stray']], [['--scrape-interval']]])(
  'wrong usage %j is one line that points to --help',
  (argv) => {
    const problems = problemsOf(argv)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain('(see sample --help)')
  },
)

test('--help names flag, default, variable and precedence', () => {
  const { config, printed } = run(['--help'])
  expect(config).toBeUndefined()
  expect(printed).toContain('--scrape-interval <duration>')
  expect(printed.replaceAll(/\s+/g, ' ')).toContain(
    'time between measurements (default 10s) [$SAMPLE_SCRAPE_INTERVAL]',
  )
  expect(printed).toContain('Exit status:')
})

const modal = {
  ...program,
  modes: { once: { what: 'measure once' }, explain: { placeholder: '<probe>', what: 'explain a probe' } },
}
const ask = (argv: readonly string[]) =>
  readInvocation(modal, {
    argv: ['--identity-cluster', 'pg-main', ...argv],
    environment: {},
    print: () => undefined,
  })?.mode

test('a mode is asked for by its flag, with its argument where it takes one', () => {
  expect(ask([])).toBeUndefined()
  expect(ask(['--once'])).toEqual({ name: 'once', argument: '' })
  expect(ask(['--explain', 'pg_io'])).toEqual({ name: 'explain', argument: 'pg_io' })
})

test('modes exclude each other, and one that needs an argument says so', () => {
  expect(() => ask(['--once', '--explain', 'x'])).toThrow('--once and --explain exclude each other')
  expect(() => ask(['--explain'])).toThrow('argument missing')
})
