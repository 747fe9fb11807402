import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { advice } from '../../common/tuning/advice.ts'
import { detection } from '../../common/tuning/detection.ts'
import { tunePlan } from '../../common/tuning/tune-plan.ts'
import { startTunedFleet } from './tuned-fleet.ts'
import type { TunedFleet } from './tuned-fleet.ts'

/** An operator tunes a server by agentctl: with the rights that the manual has, and nothing else. */
describe('a server that is tuned', () => {
  const owned = new AsyncDisposableStack()
  let host: TunedFleet

  beforeAll(async () => {
    host = owned.use(
      await startTunedFleet({
        settings: ['work_mem', 'random_page_cost', 'effective_cache_size', 'max_connections'],
        rules: [
          '  - kinds: [read, tune-rollback]',
          '  - kinds: [tune-apply]',
          '    operators: [alice]',
          '    args:',
          "      settings: { pattern: '(work_mem|random_page_cost|max_connections|effective_cache_size)=.*' }",
          '      expected: { any: true }',
          '      guard: { any: true }',
          '      bound: { any: true }',
          '      baseline_s: { any: true }',
          '      standbys_are_ready: false',
        ],
      }),
    )
  }, 60_000)

  afterAll(() => owned.disposeAsync(), 30_000)

  const agentctl = (...args: readonly string[]) => host.agentctl(...args)
  const tune = (...args: readonly string[]) => host.tune(...args)
  const valueOf = (name: string) => host.valueOf(name)
  const quick = ['--guard', '5s', '--baseline', '1s', '--yes']

  test('detect tells of the machine and of the server, and where from', async () => {
    const { status, stdout, stderr } = await agentctl('-o', 'json', 'tune', 'detect', 'pg-main-1')
    expect(stderr).toBe('')
    expect(status).toBe(0)
    const { sections } = detection.parse(JSON.parse(stdout))
    expect(sections.length).toBeGreaterThan(1)
    expect(sections.flatMap(({ facts }) => facts).filter(({ from }) => from === '')).toEqual([])
  })

  test('advise has a reason for each value, and nothing that weakens durability', async () => {
    const { status, stdout } = await agentctl('-o', 'json', 'tune', 'advise', 'pg-main-1', '--memory', '8GB')
    expect(status).toBe(0)
    const { proposals, budget } = advice.parse(JSON.parse(stdout))
    expect(proposals.map(({ parameter }) => parameter)).toContain('effective_cache_size')
    expect(proposals.filter(({ reason, evidence }) => reason === '' || evidence === '')).toEqual([])
    expect(proposals.filter(({ parameter }) => /^(fsync|full_page|synchronous)/.test(parameter))).toEqual([])
    expect(budget.memoryBytes).toBe(8 * 1024 ** 3)
  })

  test('plan was tried beside the server, and changes nothing', async () => {
    const before = await valueOf('effective_cache_size')
    const { status, stdout } = await tune(
      ...['plan', 'pg-main-1', '--memory', '8GB', '--only', 'effective_cache_size'],
    )
    expect(status).toBe(0)
    expect(stdout).toMatch(/effective_cache_size +\S+ +6GB +reload/)
    expect(stdout).toContain('tried beside the running server')
    expect(await valueOf('effective_cache_size')).toBe(before)
  })

  test('a change that does no harm stays: applied, watched, and kept', async () => {
    const { status, stdout, stderr } = await tune(
      ...['apply', 'pg-main-1', '--set', 'work_mem=9MB', '--follow', '--reason', 'test', ...quick],
    )
    expect(stderr + stdout).toContain('work_mem')
    expect(status, stderr + stdout).toBe(0)
    expect(stdout).toContain('kept')
    expect(await valueOf('work_mem')).toBe('9MB')
  })

  test('a value with which the server would not start is refused in the words of PostgreSQL', async () => {
    const { status, stdout } = await tune(
      ...['apply', 'pg-main-1', '--set', 'max_connections=3', 'work_mem=10MB', ...quick],
    )
    expect(stdout).toMatch(/REFUSED: .*superuser_reserved_connections/)
    expect(status).toBe(3)
    expect(await valueOf('work_mem')).toBe('9MB')
  })

  test('a setting that has another value than the one that was shown is not changed', async () => {
    const { status, stdout } = await agentctl(
      ...['run', 'tune-apply', '-n', 'pg-main-1', 'settings=work_mem=12MB', 'expected=work_mem=4MB', '--yes'],
    )
    expect(stdout).toContain('work_mem is 9MB by now and was 4MB when it was looked at')
    expect(status).toBe(3)
    expect(await valueOf('work_mem')).toBe('9MB')
  })

  test("what the host's policy does not let be tuned is refused", async () => {
    const { status, stderr } = await tune('apply', 'pg-main-1', '--set', 'max_wal_size=2GB', ...quick)
    expect(stderr).toContain('the argument settings is not what the rule allows')
    expect(status).toBe(3)
  })

  test('a viewer can look at nothing that a command would tell, and change nothing', async () => {
    const token = (await agentctl('tokens', 'create', 'grafana', 'viewer')).stdout.trim()
    const file = join(host.directory, 'viewer')
    writeFileSync(file, token, { mode: 0o600 })
    const { status, stderr } = await agentctl(
      ...['--token-file', file, 'tune', 'apply', 'pg-main-1', '--set', 'work_mem=1MB', ...quick],
    )
    expect(stderr).toContain('operator')
    expect(status).toBe(3)
  })

  test('a rollback brings back what there was', async () => {
    const { status, stdout, stderr } = await tune('rollback', 'pg-main-1', '--yes')
    expect(status, stderr).toBe(0)
    expect(stdout).toContain('rolled-back')
    expect(await valueOf('work_mem')).toBe('4MB')
  })

  test('history has what was done and what became of it', async () => {
    const changes = await host.changes()
    expect(changes.map(({ state, settings }) => [state, settings[0]?.after])).toEqual([
      ['rolled-back', '9MB'],
    ])
  })

  test('export gives what is advised to those who keep settings elsewhere', async () => {
    const only = ['export', 'pg-main-1', '--memory', '8GB', '--only', 'effective_cache_size']
    expect((await tune(...only)).stdout).toContain("effective_cache_size = '6GB'")
    expect(JSON.parse((await tune(...only, '--format', 'json')).stdout)).toMatchObject({
      proposals: [{ parameter: 'effective_cache_size' }],
    })
  })

  test('a plan as JSON has what a program needs of it', async () => {
    const { stdout } = await agentctl('-o', 'json', 'tune', 'plan', 'pg-main-1', '--set', 'work_mem=8MB')
    const plans = z.array(tunePlan.loose()).parse(JSON.parse(stdout))
    expect(plans[0]?.settings).toMatchObject([
      { name: 'work_mem', current: '4MB', wanted: '8MB', state: 'change' },
    ])
  })
})
