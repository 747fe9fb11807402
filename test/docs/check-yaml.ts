import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { kinds } from '../../agent/actions/kinds.ts'
import { readPolicy as readCommandPolicy } from '../../agent/actions/policy/read-policy.ts'
import { readPolicies as readBackupPolicies } from '../../agent/backup/policy/read-policy.ts'
import { agentProgram } from '../../agent/config.ts'
import { readPolicy as readWatchdogPolicy } from '../../agent/insight/watchdog/read-policy.ts'
import { collectorProgram } from '../../collector/config.ts'
import { loadRuleFiles } from '../../collector/rules/load/load-rule-files.ts'
import { flagOf } from '../../common/config/option-table.ts'
import type { OptionTable } from '../../common/config/option-table.ts'
import { readInvocation } from '../../common/config/command-line.ts'
import type { Program } from '../../common/config/command-line.ts'
import { messageOf } from '../../common/errors.ts'
import { amtoolConfig, promtoolConfig } from './check-programs.ts'
import { grafanaBoards, grafanaSources, probesOfContainer } from './foreign-schemas.ts'

export type Check = (text: string) => readonly string[] | undefined | Promise<readonly string[] | undefined>

/** By the file that the first line names; the first that fits. A part of a configuration is checked as what it is a part of. */
const checks: readonly { readonly kind: string; readonly name: RegExp; readonly check: Check }[] = [
  { kind: 'agent', name: /(^|\/)agent[\w-]*\.yaml$/, check: configOf(agentProgram, required()) },
  {
    kind: 'collector',
    name: /(^|\/)collector[\w-]*\.yaml$/,
    check: configOf(collectorProgram, { 'http.plain_listen': '127.0.0.1:0' }),
  },
  {
    kind: 'policy of commands',
    name: /(^|\/)policy\.yaml$/,
    check: (text) =>
      readCommandPolicy(text, 'policy.yaml', [...kinds.map(({ kind }) => kind), 'cancel']).problems,
  },
  {
    kind: 'policy of backups',
    name: /(^|\/)backup\.yaml$/,
    check: (text) =>
      readBackupPolicies(text, 'backup.yaml', {
        processors: 8,
        engineVersion: '2.58',
        dataDirectory: () => '/var/lib/postgresql/18/main',
      }).problems ?? [],
  },
  {
    kind: 'policy of the watchdog',
    name: /(^|\/)watchdog\.yaml$/,
    check: (text) => readWatchdogPolicy(text, 'watchdog.yaml').problems ?? [],
  },
  { kind: 'rules', name: /(^|\/)[\w-]*rules\.yaml$/, check: checkRules },
  { kind: 'Prometheus', name: /(^|\/)prometheus\.yml$/, check: promtoolConfig },
  { kind: 'Alertmanager', name: /(^|\/)alertmanager\.yml$/, check: amtoolConfig },
  { kind: 'Grafana', name: /provisioning\/datasources\//, check: bySchema(grafanaSources) },
  { kind: 'Grafana', name: /provisioning\/dashboards\//, check: bySchema(grafanaBoards) },
  { kind: 'Kubernetes', name: /(^|\/)container\.yaml$/, check: bySchema(probesOfContainer) },
]

/** Of a block of YAML: by its first line, which is a comment with the name of the file. Undefined where nobody knows it. */
export function yamlCheckOf(text: string): { readonly kind: string; readonly check: Check } | undefined {
  const name = /^# ([\w./@-]+\.ya?ml)\b/.exec(text)?.[1]
  return name === undefined ? undefined : checks.find((one) => one.name.test(name))
}

function required(): Readonly<Record<string, string>> {
  return { 'identity.cluster': 'pg-main', 'identity.seq': '1' }
}

/** @param given what a configuration has to have, for those that show a part of one */
function configOf<Table extends OptionTable>(
  program: Program<Table>,
  given: Readonly<Record<string, string>>,
): Check {
  return (text) => {
    const directory = mkdtempSync(join(tmpdir(), 'pgherd-snippet-'))
    try {
      const file = join(directory, `${program.name}.yaml`)
      writeFileSync(file, text)
      const has: unknown = parse(text)
      const argv = Object.entries(given)
        .filter(([key]) => !isIn(has, key.split('.')))
        .flatMap(([key, value]) => [flagOf(key), value])
      readInvocation(program, { argv: ['--config', file, ...argv], environment: {}, print: () => undefined })
      return []
    } catch (error) {
      return [messageOf(error)]
    } finally {
      rmSync(directory, { recursive: true })
    }
  }
}

function isIn(value: unknown, path: readonly string[]): boolean {
  const [key, ...rest] = path
  if (key === undefined) return true
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false
  return isIn((value as Readonly<Record<string, unknown>>)[key], rest)
}

async function checkRules(text: string): Promise<readonly string[]> {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-snippet-'))
  try {
    const file = join(directory, 'rules.yaml')
    writeFileSync(file, text)
    await loadRuleFiles([file], { defaultIntervalMs: 10_000, checkExpression: () => undefined })
    return []
  } catch (error) {
    return [messageOf(error)]
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function bySchema(schema: z.ZodType): Check {
  return (text) => {
    const { error } = schema.safeParse(parse(text))
    return error === undefined ? [] : [z.prettifyError(error)]
  }
}
