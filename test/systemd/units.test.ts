import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'

const units = globSync('systemd/*.service').sort()
const textOf = (file: string): string => readFileSync(file, 'utf8')

/** In tenths of systemd's points, as `--threshold` takes them. */
const mostExposed: Readonly<Record<string, number>> = {
  'pgherd-agent.service': 30,
  'pgherd-agent@.service': 30,
  'pgherd-collector.service': 20,
}

const hasAnalyze = spawnSync('systemd-analyze', ['--version']).status === 0
const hasSysusers = spawnSync('systemd-sysusers', ['--version']).status === 0

test('there are units for both programs, and for several agents on a host', () => {
  expect(units.map((file) => basename(file))).toEqual(Object.keys(mostExposed))
})

describe.skipIf(!hasAnalyze)('by systemd-analyze (skipped where it is not installed)', () => {
  test.each(units)('%s is what systemd understands, without a warning', (file) => {
    const directory = mkdtempSync(join(tmpdir(), 'pgherd-units-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const copy = join(directory, basename(file).replace('@.', '@one.'))
    // What packages install is not on this machine.
    writeFileSync(
      copy,
      textOf(file)
        .replaceAll(/\/usr\/lib\/pgherd\/\w+\/bin\/node/g, process.execPath)
        .replaceAll(
          /\/usr\/lib\/pgherd\/\w+\/restart-backoff/g,
          join(process.cwd(), 'systemd/restart-backoff.sh'),
        ),
    )
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', copy], {
      encoding: 'utf8',
    })
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  test.each(units)('%s is exposed no more than it has to be', (file) => {
    const most = mostExposed[basename(file)] ?? 0
    const { status, stdout } = spawnSync(
      'systemd-analyze',
      ['security', '--offline=true', `--threshold=${most}`, file],
      { encoding: 'utf8' },
    )
    expect(status, stdout).toBe(0)
  })

  test.each(units)('what remains of the exposure of %s is explained in the manual', (file) => {
    const { stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', '--json=short', file], {
      encoding: 'utf8',
    })
    const checks = JSON.parse(stdout) as readonly {
      readonly set: boolean
      readonly json_field: string
      readonly exposure: string | null
    }[]
    const open = checks.filter(({ exposure }) => Number(exposure ?? 0) > 0).map((check) => check.json_field)
    expect(open.length).toBeGreaterThan(5)
    const manual = textOf('docs/28-systemd.md')
    expect(open.filter((name) => !manual.includes(`\`${name}\``))).toEqual([])
  })
})

test('the unit of an instance differs from the one of the host only in its name', () => {
  const one = textOf('systemd/pgherd-agent.service').split('\n')
  const many = textOf('systemd/pgherd-agent@.service').split('\n')
  const own = many.filter((line) => !one.includes(line))
  expect(own.filter((line) => !line.includes('%i'))).toEqual([])
  expect(one.filter((line) => !many.includes(line)).length).toBe(own.length - 1)
})

test.each([
  ['systemd/pgherd-agent.service', 'agent/start.mjs'],
  ['systemd/pgherd-agent@.service', 'agent/start.mjs'],
  ['systemd/pgherd-collector.service', 'collector/start.mjs'],
])('%s starts Node with the flags of the program itself', (file, program) => {
  const [shebang = ''] = textOf(program).split('\n')
  const [, malloc = '', flags = ''] = /^#!\/usr\/bin\/env -S (.*?)\s*node (.*)$/.exec(shebang) ?? []
  expect(flags).not.toBe('')
  expect(textOf(file)).toContain(
    `/usr/lib/pgherd/${dirname(program)}/bin/node ${flags} /usr/lib/pgherd/${program} `,
  )
  expect(textOf(file)).toContain(malloc)
})

test.skipIf(!hasSysusers)('the users of the units are those of sysusers', () => {
  const root = mkdtempSync(join(tmpdir(), 'pgherd-users-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  mkdirSync(join(root, 'etc'))
  const { status, stderr } = spawnSync(
    'systemd-sysusers',
    [`--root=${root}`, ...globSync('systemd/sysusers.d/*.conf').map((file) => join(process.cwd(), file))],
    { encoding: 'utf8' },
  )
  expect(status, stderr).toBe(0)
  const users = textOf(join(root, 'etc/passwd')).split('\n')
  for (const file of units) {
    const [, user = ''] = /^User=(.*)$/m.exec(textOf(file)) ?? []
    expect(users.filter((line) => line.startsWith(`${user}:`))).toHaveLength(1)
  }
})
