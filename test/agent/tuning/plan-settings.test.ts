import { describe, expect, test } from 'vitest'
import { alterSystem } from '../../../agent/tuning/alter-system.ts'
import { describePlan } from '../../../agent/tuning/describe-plan.ts'
import { planSettings, statementsOf } from '../../../agent/tuning/plan-settings.ts'
import type { KeptSettings } from '../../../agent/tuning/plan-settings.ts'
import type { ServerSettings, SettingNow } from '../../../agent/tuning/server-settings.ts'
import { commandLineOfPatroni, serverOf, settingOf, wantCommand, wantMode } from './settings-facts.ts'

const modeOf = (of: Partial<SettingNow>) =>
  settingOf('archive_mode', { context: 'postmaster', vartype: 'enum', value: 'off', ...of })
const commandOf = (of: Partial<SettingNow>) => settingOf('archive_command', of)
const inFile = (value: string) => ({ value, where: '/etc/postgresql.conf:7', isApplied: true })

interface Case {
  readonly mode?: Partial<SettingNow>
  readonly command?: Partial<SettingNow>
  readonly server?: Partial<ServerSettings>
  readonly kept?: KeptSettings
  readonly replaces?: boolean
}
const planOf = ({ mode = {}, command = {}, server = {}, kept, replaces = false }: Case) =>
  planSettings(serverOf([modeOf(mode), commandOf(command)], server), [wantMode, wantCommand], {
    kept,
    replaces,
  })
const statesOf = (of: Case): readonly string[] => planOf(of).settings.map(({ state }) => state)
const refusalsOf = (of: Case): string => planOf(of).refusals.join('; ')

describe('what a server is to have', () => {
  test('is changed where it differs, and only a restart takes what the postmaster reads', () => {
    const plan = planOf({ command: { value: '(disabled)' } })
    expect(plan).toMatchObject({ by: 'alter-system', refusals: [] })
    expect(plan.settings).toMatchObject([
      { name: 'archive_mode', was: 'off', state: 'change', needsRestart: true },
      { name: 'archive_command', was: null, state: 'change', needsRestart: false },
    ])
    expect(statementsOf(plan)).toEqual([
      `ALTER SYSTEM SET "archive_mode" = 'on'`,
      `ALTER SYSTEM SET "archive_command" = 'push %p'`,
      'SELECT pg_reload_conf()',
    ])
    expect(describePlan(plan, 'pg-main-1')).toEqual([
      'sets archive_mode to on (was off), from a restart on',
      'sets archive_command to push %p (was not set)',
      'sets them by ALTER SYSTEM on this server alone; a reload follows, and the server is never restarted',
    ])
  })

  test('is left alone where it is so, also behind what the server shows in its place', () => {
    expect(statesOf({ mode: { value: 'on' }, command: { value: 'push %p' } })).toEqual([
      'as-wanted',
      'as-wanted',
    ])
    const hidden = { value: '(disabled)', inFiles: inFile('push %p') }
    expect(statesOf({ command: hidden })).toEqual(['change', 'as-wanted'])
  })

  test('is changed where the files have another value, which the next reload would bring', () => {
    const lost = { value: 'push %p', source: 'configuration file', inFiles: inFile('cp %p /mnt/%f') }
    const plan = planOf({ mode: { value: 'on' }, command: lost, replaces: true })
    expect(plan.settings[1]).toMatchObject({ state: 'change', was: 'cp %p /mnt/%f', isForeign: true })
    expect(statesOf({ mode: { value: 'on' }, command: { ...lost, source: 'command line' } })[1]).toBe(
      'as-wanted',
    )
  })

  test('waits for a restart once it is written and read', () => {
    const written = { waitsForRestart: true, inFiles: inFile('on') }
    expect(statesOf({ mode: written, command: { value: 'push %p' } })).toEqual(['staged', 'as-wanted'])
    // Written by hand, and not read yet.
    expect(statesOf({ mode: { ...written, waitsForRestart: false } })[0]).toBe('change')
  })

  test('is nothing where this version does not have the setting and it would be empty', () => {
    const library = { name: 'archive_library', value: '', isMetBy: (value: string) => value === '' }
    expect(planSettings(serverOf([]), [library], { replaces: false })).toMatchObject({
      settings: [],
      refusals: [],
    })
    expect(planSettings(serverOf([]), [wantMode], { replaces: false }).refusals).toEqual([
      'this version of PostgreSQL has no archive_mode',
    ])
  })
})

describe("somebody else's archive_command", () => {
  const foreign = { value: 'cp %p /mnt/%f password=geheim', where: '/etc/postgresql.conf:7' }

  test('ends only when that is asked for, and its secrets are not told', () => {
    expect(refusalsOf({ mode: { value: 'on' }, command: foreign })).toBe(
      'archive_command is cp %p /mnt/%f password=***, which somebody else has set and which would end',
    )
    const plan = planOf({ mode: { value: 'on' }, command: foreign, replaces: true })
    expect(plan.refusals).toEqual([])
    expect(describePlan(plan, '')[0]).toBe(
      'sets archive_command to push %p (was cp %p /mnt/%f password=*** in /etc/postgresql.conf:7); what archives now ends',
    )
  })

  test('is seen while archive_mode is off, when the server does not show it', () => {
    expect(refusalsOf({ command: { value: '(disabled)', inFiles: inFile('cp %p /mnt/%f') } })).toMatch(
      /^archive_command is cp/,
    )
  })
})

describe('nothing is changed', () => {
  const cases: readonly (Case & { readonly what: string; readonly why: RegExp })[] = [
    {
      what: 'on the command line, which wins',
      server: { commandLine: new Set(['archive_mode']) },
      why: /^archive_mode is on the server's command line/,
    },
    {
      what: 'where whoever keeps the files has forbidden ALTER SYSTEM',
      server: { allowsAlterSystem: false },
      why: /allow_alter_system is off/,
    },
    {
      what: 'while the files have a mistake, with which no restart succeeds',
      server: { fileErrors: ['postgresql.conf:9: work_mem: invalid value'] },
      why: /would not start again: postgresql.conf:9/,
    },
    {
      what: 'where the role may not see what the files say',
      server: { knowsFiles: false },
      why: /^operator may not read .* GRANT SELECT ON pg_file_settings TO operator/,
    },
    {
      what: 'where the role may not change it',
      server: { role: { name: 'watcher', mayReload: false, mayAlter: new Set(['archive_mode']) } },
      why: /^watcher may not change settings; it takes: GRANT ALTER SYSTEM ON PARAMETER archive_command TO watcher; GRANT EXECUTE ON FUNCTION pg_reload_conf\(\) TO watcher$/,
    },
    {
      what: 'before PostgreSQL 15 by a role that is no superuser',
      server: { versionNumber: 140_000, role: { name: 'watcher', mayReload: true, mayAlter: new Set() } },
      why: /it takes: a superuser, before PostgreSQL 15$/,
    },
    {
      what: "of Patroni's server by an agent that knows of no Patroni",
      server: { commandLine: commandLineOfPatroni, clusterName: 'pg-main' },
      why: /^Patroni starts this server, and this agent knows of no Patroni of the scope pg-main/,
    },
  ]
  test.each(cases)('$what', (of) => {
    expect(refusalsOf(of)).toMatch(of.why)
  })

  test('and nobody is asked for rights where all is right already', () => {
    const right = { mode: { value: 'on' }, command: { value: 'push %p' } }
    const role = { name: 'watcher', mayReload: false, mayAlter: new Set<string>() }
    expect(refusalsOf({ ...right, server: { role, knowsFiles: false, allowsAlterSystem: false } })).toBe('')
  })
})

describe("with Patroni's configuration", () => {
  const server = { commandLine: commandLineOfPatroni, clusterName: 'pg-main' }
  const keptOf = (values: KeptSettings['values'], waitsForRestart = false): KeptSettings => ({
    name: 'Patroni',
    values,
    waitsForRestart,
  })

  test('the change is made there for every member, with no rights in the server but to look', () => {
    const role = { name: 'watcher', mayReload: false, mayAlter: new Set<string>() }
    const plan = planOf({ server: { ...server, role }, kept: keptOf({}) })
    expect(plan).toMatchObject({ by: 'keeper', refusals: [] })
    expect(describePlan(plan, 'Patroni of pg-main')).toContain(
      'sets them in the configuration of Patroni of pg-main, for every member; a reload follows, and the server is never restarted',
    )
  })

  test('a line of ALTER SYSTEM would hide it', () => {
    const command = { value: '/bin/true', byAlterSystem: '/bin/true' }
    expect(refusalsOf({ server, command, kept: keptOf({}), replaces: true })).toBe(
      'archive_command is in postgresql.auto.conf, which hides what Patroni has: ALTER SYSTEM RESET archive_command',
    )
  })

  test("a member's own file wins over it", () => {
    const mode = { value: 'off', where: 'postgresql.conf:12' }
    const kept = keptOf({ archive_mode: true, archive_command: 'push %p' })
    expect(refusalsOf({ server, mode, command: { value: 'push %p' }, kept })).toMatch(
      /^Patroni has archive_mode already .* \(postgresql.conf:12\)/,
    )
  })

  test('what is on the command line waits where Patroni says so', () => {
    const wantLevel = { name: 'wal_level', value: 'replica', isMetBy: (value: string) => value === 'replica' }
    const level = { context: 'postmaster', vartype: 'enum', value: 'minimal', source: 'command line' }
    const stateOf = (kept: KeptSettings) =>
      planSettings(serverOf([settingOf('wal_level', level)], server), [wantLevel], { kept, replaces: false })
        .settings[0]?.state
    expect(stateOf(keptOf({ wal_level: 'replica' }, true))).toBe('staged')
    expect(stateOf(keptOf({ wal_level: 'minimal' }, true))).toBe('change')
  })
})

describe('a statement', () => {
  test('has its value quoted whatever that holds', () => {
    expect(alterSystem('archive_command', `sh -c 'a' \\ "%p"`)).toBe(
      `ALTER SYSTEM SET "archive_command" = E'sh -c ''a'' \\\\ "%p"'`,
    )
    expect(alterSystem('archive_command', null)).toBe('ALTER SYSTEM RESET "archive_command"')
  })

  test('has the elements of a list one by one', () => {
    expect(alterSystem('shared_preload_libraries', 'pg_stat_statements,auto_explain, "$libdir/my lib"')).toBe(
      `ALTER SYSTEM SET "shared_preload_libraries" = 'pg_stat_statements', 'auto_explain', '$libdir/my lib'`,
    )
    expect(alterSystem('search_path', '"$user", Public')).toBe(
      `ALTER SYSTEM SET "search_path" = '$user', 'public'`,
    )
  })

  test('keeps a list that the server stores as one text as it is', () => {
    expect(alterSystem('listen_addresses', 'localhost,10.0.0.1')).toBe(
      `ALTER SYSTEM SET "listen_addresses" = 'localhost,10.0.0.1'`,
    )
  })

  test('is refused for no libraries at all, which would become one without a name', () => {
    for (const value of ['', '""']) {
      expect(() => alterSystem('shared_preload_libraries', value)).toThrow(/cannot make .* empty/)
    }
    expect(alterSystem('search_path', '')).toBe(`ALTER SYSTEM SET "search_path" = ''`)
  })
})
