import { PgherdError } from '../errors.ts'
import type { LabelMatcher } from './silence.ts'

const pattern = /^\s*([A-Za-z_:][A-Za-z0-9_:]*)\s*(=~|!~|!=|=)\s*([\s\S]*?)\s*$/
const quoted = /^"((?:[^"\\]|\\["\\n])*)"$/

/**
 * A matcher as Alertmanager's configuration and amtool write it: `severity="CRIT"`, `ins=~"pg-main-.*"`, `cls!=pg-test`;
 * the quotes may be left out.
 * @throws PgherdError BAD_DATA
 */
export function parseMatcher(text: string): LabelMatcher {
  const [, name, operator, rest] = pattern.exec(text) ?? []
  const value = rest === undefined ? undefined : unquoted(rest)
  if (name === undefined || operator === undefined || value === undefined) {
    throw new PgherdError(
      'BAD_DATA',
      `"${text.slice(0, 200)}" is no matcher; allowed: name=value, name!=value, name=~regex, name!~regex, the value with or without double quotes`,
    )
  }
  return { name, value, isRegex: operator.endsWith('~'), isEqual: operator.startsWith('=') }
}

function unquoted(text: string): string | undefined {
  if (!text.includes('"')) return text
  const inside = quoted.exec(text)?.[1]
  return inside?.replace(/\\(.)/g, (_all, escaped: string) => (escaped === 'n' ? '\n' : escaped))
}

/** The same the other way round, always with quotes. */
export function printMatcher({ name, value, isRegex, isEqual }: LabelMatcher): string {
  const operator = `${isEqual ? '=' : '!'}${isRegex ? '~' : isEqual ? '' : '='}`
  return `${name}${operator}"${value.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`
}
