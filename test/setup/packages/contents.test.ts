import { expect, test } from 'vitest'
import { manualPage } from '../../../setup/packages/ask-programs.ts'
import { commandsOf } from '../../../setup/packages/commands.ts'
import { installedPlace } from '../../../setup/packages/contents.ts'
import { debVersion } from '../../../setup/packages/deb.ts'
import { withInstalledPlaces } from '../../../setup/packages/write-programs.ts'

test('a file that a program reads beside itself has its place in the package', () => {
  expect(installedPlace('agent', 'agent/health-http/answer-thread.ts')).toBe('answer-thread.mjs')
  expect(installedPlace('agent', 'agent/probes/catalogue')).toBe('probes')
  expect(installedPlace('collector', 'collector/web/dist/assets/a.js')).toBe('web/assets/a.js')
})

test('a file that the package does not have is an error that names both', () => {
  expect(() => installedPlace('agent', 'rules/pg.yaml')).toThrow(/the package agent has no rules\/pg\.yaml/)
  // A folder whose name only begins alike is another one.
  expect(() => installedPlace('collector', 'rules-of-others/pg.yaml')).toThrow(/has no rules-of-others/)
})

test('a source names what it reads by a place that can be found in it', () => {
  const code = `read(new URL('../../package.json', import.meta.url))`
  expect(withInstalledPlaces('agent', 'agent/modes/look.ts', code)).toBe(
    'read(new URL("./package.json", import.meta.url))',
  )
  expect(() => withInstalledPlaces('agent', 'agent/a.ts', 'read(import.meta.url)')).toThrow(/agent\/a\.ts/)
})

test.each([
  ['agent', ['pgherd-agent']],
  ['collector', ['pgherd-collector', 'agentctl']],
] as const)('the commands of %s start its own Node with all words they were given', (name, commands) => {
  const texts = commandsOf(name)
  expect([...texts.keys()]).toEqual(commands)
  for (const text of texts.values()) {
    expect(text).toMatch(/^#!\/bin\/sh\n/)
    expect(text).toMatch(
      new RegExp(
        `^exec /usr/lib/pgherd/${name}/bin/node .*/usr/lib/pgherd/${name}/\\w+\\.mjs "\\$@"\\n$`,
        'm',
      ),
    )
  }
})

test('the command of the agent has the flags and variables that bound its memory', () => {
  const text = commandsOf('agent').get('pgherd-agent')
  expect(text).toContain('export MALLOC_ARENA_MAX=1 ')
  expect(text).toContain('--max-semi-space-size=2 ')
})

test('a page of the manual prints what help says as it is, whatever man takes for its own', () => {
  const page = manualPage({
    name: 'agentctl',
    section: 1,
    summary: 'a command',
    help: "Usage: agentctl --help\n.dot\n'quote\nback\\slash\n",
  })
  expect(page).toMatch(/^\.TH agentctl 1 /)
  expect(page).toContain("\nUsage: agentctl \\-\\-help\n\\&.dot\n\\&'quote\nback\\eslash\n.fi\n")
})

test('a candidate comes before its release for dpkg', () => {
  expect(debVersion('0.3.0')).toBe('0.3.0-1')
  expect(debVersion('0.3.0-rc.1')).toBe('0.3.0~rc.1-1')
})
