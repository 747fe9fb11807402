import { globSync, readFileSync } from 'node:fs'
import { dirname, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'

/**
 * What each layer may import besides itself: the arrows of the design. The longest matching prefix wins, so a
 * stage of a program can be held tighter than the program. Stages meet only in their program's main.ts.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  common: [],
  agent: ['common'],
  'agent/main.ts': [
    'common',
    'agent',
    'agent/sources.ts',
    'agent/transport.ts',
    'agent/probe-files.ts',
    'agent/commands.ts',
    'agent/backup.ts',
    'agent/health-answers.ts',
    'agent/health-watch.ts',
    'agent/modes.ts',
    'agent/postgres',
    'agent/probes',
    'agent/host',
    'agent/neighbours',
    'agent/scrape',
    'agent/channel',
    'agent/actions',
    'agent/join-command.ts',
    'agent/setup-command.ts',
    'agent/tune-command.ts',
    'agent/watchdog.ts',
    'agent/watchdog-command.ts',
    'agent/tuning.ts',
    'agent/insight.ts',
    'agent/secrets.ts',
    'agent/membership.ts',
  ],
  // Composition as well, each for one part of it.
  'agent/sources.ts': [
    'common',
    'agent',
    'agent/neighbour-source.ts',
    'agent/postgres',
    'agent/probes',
    'agent/scrape',
    'agent/neighbours',
  ],
  'agent/neighbour-source.ts': ['common', 'agent', 'agent/neighbours'],
  'agent/transport.ts': ['common', 'agent'],
  'agent/join-command.ts': ['common', 'agent', 'agent/sources.ts', 'agent/trust'],
  'agent/setup-command.ts': [
    'common',
    'agent',
    'agent/sources.ts',
    'agent/modes',
    'agent/setup',
    'agent/trust',
  ],
  'agent/setup': ['common', 'agent', 'agent/postgres'],
  'agent/tune-command.ts': ['common', 'agent/tuning'],
  'agent/membership.ts': ['common', 'agent', 'agent/sources.ts', 'agent/trust'],
  'agent/trust': ['common'],
  'agent/commands.ts': [
    'common',
    'agent',
    'agent/sources.ts',
    'agent/postgres',
    'agent/actions',
    'agent/command-targets.ts',
    'agent/tune-controls.ts',
    'agent/index-work.ts',
    'agent/tuning.ts',
  ],
  'agent/command-targets.ts': ['common', 'agent', 'agent/sources.ts', 'agent/postgres', 'agent/actions'],
  'agent/tuning.ts': ['common', 'agent', 'agent/sources.ts', 'agent/postgres', 'agent/tuning'],
  'agent/insight.ts': [
    'common',
    'agent',
    'agent/sources.ts',
    'agent/postgres',
    'agent/scrape',
    'agent/channel',
    'agent/insight',
    'agent/watchdog.ts',
  ],
  'agent/watchdog.ts': ['common', 'agent', 'agent/insight', 'agent/actions', 'agent/commands.ts'],
  'agent/watchdog-command.ts': ['common', 'agent/insight'],
  'agent/insight': ['common', 'agent/postgres'],
  'agent/secrets.ts': ['common', 'agent', 'agent/sources.ts', 'agent/postgres', 'agent/secrets'],
  'agent/secrets': ['common', 'agent/postgres'],
  'agent/tune-controls.ts': [
    'common',
    'agent/actions',
    'agent/tuning',
    'agent/tuning.ts',
    'agent/tune-advice.ts',
  ],
  'agent/index-work.ts': ['common', 'agent/actions'],
  'agent/tune-advice.ts': ['common', 'agent/actions', 'agent/tuning'],
  'agent/health-answers.ts': ['common', 'agent', 'agent/health-http'],
  'agent/health-watch.ts': ['common', 'agent', 'agent/sources.ts', 'agent/postgres', 'agent/health'],
  'agent/probe-files.ts': ['common', 'agent', 'agent/probes'],
  'agent/modes.ts': ['common', 'agent', 'agent/modes'],
  'agent/modes': [
    'common',
    'agent',
    'agent/sources.ts',
    'agent/probe-files.ts',
    'agent/command-targets.ts',
    'agent/postgres',
    'agent/probes',
    'agent/scrape',
    'agent/actions',
    'agent/insight',
    'agent/trust',
  ],
  'agent/postgres': ['common'],
  'agent/probes': ['common'],
  'agent/host': ['common'],
  'agent/neighbours': ['common'],
  'agent/scrape': ['common', 'agent/postgres', 'agent/probes', 'agent/host', 'agent/neighbours'],
  'agent/channel': ['common'],
  'agent/actions': ['common', 'agent/postgres'],
  'agent/health': ['common'],
  'agent/backup': ['common', 'agent/postgres'],
  'agent/backup.ts': [
    'common',
    'agent',
    'agent/sources.ts',
    'agent/postgres',
    'agent/backup',
    'agent/backup-controls.ts',
    'agent/actions',
  ],
  'agent/backup-controls.ts': ['common', 'agent/backup', 'agent/actions', 'agent/prepare-backups.ts'],
  'agent/prepare-backups.ts': [
    'common',
    'agent/backup',
    'agent/actions',
    'agent/tuning',
    'agent/preparation-text.ts',
  ],
  'agent/preparation-text.ts': ['agent/tuning'],
  'agent/tuning': ['common', 'agent/postgres'],
  'agent/health-http': ['common'],
  collector: ['common'],
  'collector/main.ts': [
    'common',
    'collector',
    'collector/embedded-backend.ts',
    'collector/external-backend.ts',
    'collector/agent-rights.ts',
    'collector/agent-writes.ts',
    'collector/control.ts',
    'collector/topology.ts',
    'collector/backups',
    'collector/insight.ts',
    'collector/trust.ts',
    'collector/trust-command.ts',
    'collector/backup-command.ts',
    'collector/migrate-command.ts',
    'collector/grafana-command.ts',
    'collector/notify.ts',
    'collector/rules-tool',
    'collector/http',
    'collector/ingest',
    'collector/store',
    'collector/store-tool',
    'collector/promql',
    'collector/rules',
    'collector/fleet',
    'collector/commands',
  ],
  // Composition as well, of who may do what.
  'collector/agent-rights.ts': ['collector/fleet', 'collector/ingest'],
  'collector/agent-writes.ts': [
    'common',
    'collector',
    'collector/agent-rights.ts',
    'collector/http',
    'collector/ingest',
  ],
  // Composition as well, of how alerts go out.
  'collector/notify.ts': ['common', 'collector', 'collector/fleet', 'collector/http', 'collector/rules'],
  // Composition as well, of what rules are checked and tested with beside a collector.
  'collector/rules-tool': ['common', 'collector/promql', 'collector/rules'],
  'collector/trust.ts': ['common', 'collector', 'collector/fleet', 'collector/http'],
  'collector/trust-command.ts': ['common', 'collector', 'collector/trust.ts', 'collector/fleet'],
  'collector/backup-command.ts': ['common', 'collector', 'collector/state-backup', 'collector/trust.ts'],
  'collector/state-backup': ['common', 'collector/store'],
  // Composition as well, of where metrics are moved from and to.
  'collector/migrate-command.ts': [
    'common',
    'collector',
    'collector/migrate',
    'collector/promql',
    'collector/store',
  ],
  'collector/migrate': ['common', 'collector/store'],
  // Composition as well, of what agents and operators do with each other.
  'collector/control.ts': [
    'common',
    'collector',
    'collector/commands',
    'collector/fleet',
    'collector/http',
    'collector/topology',
    'collector/backups',
    'collector/insight',
  ],
  // Composition as well, of what agents find out of databases.
  'collector/insight.ts': [
    'common',
    'collector',
    'collector/agent-rights.ts',
    'collector/backend.ts',
    'collector/fleet',
    'collector/http',
    'collector/insight',
  ],
  'collector/topology.ts': [
    'common',
    'collector',
    'collector/agent-rights.ts',
    'collector/fleet',
    'collector/topology',
  ],
  // Composition as well, of what depends on the kind of the store.
  'collector/backend.ts': ['common', 'collector/http', 'collector/store'],
  'collector/embedded-backend.ts': [
    'common',
    'collector',
    'collector/backend.ts',
    'collector/promql',
    'collector/store',
  ],
  'collector/external-backend.ts': [
    'common',
    'collector',
    'collector/backend.ts',
    'collector/http',
    'collector/promql',
    'collector/store',
  ],
  'collector/grafana-command.ts': ['common', 'collector', 'collector/grafana'],
  'collector/grafana': ['common'],
  'collector/http': ['common'],
  'collector/ingest': ['common'],
  'collector/store': ['common'],
  'collector/store-tool': ['common', 'collector/store'],
  'collector/promql': ['common'],
  'collector/rules': ['common'],
  'collector/fleet': ['common'],
  'collector/commands': ['common'],
  'collector/topology': ['common'],
  'collector/backups': ['common'],
  'collector/insight': ['common'],
  'collector/web': ['common'],
  agentctl: ['common'],
  testbed: ['common'],
  demo: ['common', 'testbed'],
  setup: [],
  dashboards: [],
}

const layers = Object.keys(mayImport).sort((a, b) => b.length - a.length)
const layerOf = (file: string): string | undefined =>
  layers.find((layer) => file === layer || file.startsWith(`${layer}/`))

const files = globSync('{common,agent,collector,agentctl,testbed,demo,setup,dashboards}/**/*.{ts,tsx}')
  .filter((file) => !file.startsWith('collector/web/dist/'))
  .sort()
const importPattern =
  /^\s*(?:import|export)\b[^'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]|^import\s*['"]([^'"]+)['"]/gm

function imports(file: string): readonly string[] {
  return [...readFileSync(file, 'utf8').matchAll(importPattern)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  )
}

/** Files of this repository that `file` imports, as repository paths. */
function localImports(file: string): readonly string[] {
  return imports(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => normalize(`${dirname(file)}/${specifier}`))
}

const lengthOf = (file: string): number => readFileSync(file, 'utf8').split('\n').length - 1

describe('the arrows of the design', () => {
  test('there are sources to look at, in every part of the program', () => {
    for (const part of ['common/', 'agent/', 'collector/', 'agentctl/']) {
      expect(files.filter((file) => file.startsWith(part)).length, part).toBeGreaterThan(3)
    }
  })

  test.each(files)('%s imports only what its layer may', (file) => {
    const layer = layerOf(file)
    expect(layer, 'a new folder needs its line in the table').toBeDefined()
    const allowed = new Set([layer, ...(mayImport[layer ?? ''] ?? [])])
    expect(localImports(file).filter((imported) => !allowed.has(layerOf(imported)))).toEqual([])
  })

  test('only agent/postgres talks to PostgreSQL', () => {
    const outside = files.filter(
      (file) => /^(common|agent|collector|agentctl)\//.test(file) && !file.startsWith('agent/postgres/'),
    )
    expect(outside.filter((file) => imports(file).includes('pg'))).toEqual([])
  })

  test('no file reaches itself through its imports', () => {
    const done = new Set<string>()
    const visit = (file: string, path: readonly string[]): void => {
      const start = path.indexOf(file)
      if (start >= 0) expect.fail(`cycle: ${[...path.slice(start), file].join(' -> ')}`)
      if (done.has(file) || !files.includes(file)) return
      for (const next of localImports(file)) visit(next, [...path, file])
      done.add(file)
    }
    for (const file of files) visit(file, [])
  })
})

describe('the size of files', () => {
  test.each(files)('%s is at most 400 lines', (file) => {
    expect(lengthOf(file)).toBeLessThanOrEqual(400)
  })

  test('the median is under 100 lines and 95 % are under 300', () => {
    const lengths = files.map(lengthOf).sort((a, b) => a - b)
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(100)
    expect(lengths[Math.floor(lengths.length * 0.95)]).toBeLessThan(300)
  })
})

test('the programs run on Node 24', () => {
  expect(process.version).toMatch(/^v24\./)
})
