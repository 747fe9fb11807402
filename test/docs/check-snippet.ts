import { parseOperatorKey } from '../../common/command/operator-key.ts'
import { messageOf } from '../../common/errors.ts'
import { haproxyConfig, keepalivedConfig, systemdDropIn } from './check-programs.ts'
import { problemsOfShell } from './check-shell.ts'
import { typedIn } from './shell.ts'
import type { Snippet } from './snippets.ts'
import { yamlCheckOf } from './check-yaml.ts'
import type { Check } from './check-yaml.ts'

export interface Checked {
  /** What it is counted as. */
  readonly kind: string
  readonly check: Check
}

/** Who checks a snippet; undefined when nobody does, which is a mistake of the document. */
export function checkOf({ language, text }: Snippet): Checked | undefined {
  switch (language) {
    case 'span':
      return { kind: 'commands within a text', check: () => problemsOfShell(text, false) }
    case 'sh':
      return { kind: 'commands', check: () => problemsOfShell(text, true) }
    case 'console':
      return { kind: 'commands with their output', check: () => problemsOfShell(typedIn(text), true) }
    case 'text':
      return { kind: 'output', check: () => outputProblems(text) }
    case 'json':
      return { kind: 'JSON', check: () => jsonProblems(text) }
    case 'sql':
      return { kind: 'SQL, run by sql-snippets.pg.test.ts', check: () => [] }
    case 'haproxy':
      return { kind: 'HAProxy', check: () => haproxyConfig(text) }
    case 'keepalived':
      return { kind: 'keepalived', check: () => keepalivedConfig(text) }
    case 'ini':
      return iniCheckOf(text)
    case 'yaml': {
      const found = yamlCheckOf(text)
      return found === undefined ? undefined : { kind: `YAML: ${found.kind}`, check: () => found.check(text) }
    }
    default:
      return undefined
  }
}

function iniCheckOf(text: string): Checked | undefined {
  if (/^# \S*\/operators$/m.test(text)) return { kind: 'keys of operators', check: () => keyProblems(text) }
  if (/^# \S*postgresql\.conf$/m.test(text)) {
    return { kind: 'postgresql.conf, read by sql-snippets.pg.test.ts', check: () => [] }
  }
  if (/^# \S*\.(service|timer)\.d\/\S+\.conf$/m.test(text)) {
    return { kind: 'systemd', check: () => systemdDropIn(text) }
  }
  return undefined
}

function outputProblems(text: string): readonly string[] {
  const typed = text.split('\n').find((line) => /^(\$ |agentctl |pgherd-|npm |sudo |curl )/.test(line))
  return typed === undefined ? [] : [`it is marked as output and has a command: ${typed}`]
}

function jsonProblems(text: string): readonly string[] {
  try {
    JSON.parse(text)
    return []
  } catch (error) {
    return [messageOf(error)]
  }
}

function keyProblems(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))
  return lines.flatMap((line) => {
    try {
      parseOperatorKey(line)
      return []
    } catch (error) {
      return [messageOf(error)]
    }
  })
}
