import { readFile } from 'node:fs/promises'
import { PgherdError, messageOf } from '../../../../common/errors.ts'
import { parseMatcher } from '../../../../common/alerts/matcher-text.ts'
import { readYaml } from '../../load/yaml-reader.ts'
import type { YamlPlace } from '../../load/yaml-reader.ts'
import { matchLabels } from '../../silences/match-labels.ts'
import type { LabelPredicate } from '../../silences/match-labels.ts'
import type { InhibitRule } from './inhibition.ts'

const ruleKeys = ['name', 'source_matchers', 'target_matchers', 'equal']

/**
 * The `inhibit_rules` of a configuration of Alertmanager; the rest of the file is not ours.
 * @throws PgherdError CONFIG_INVALID, one line for each problem: `file:line: path: what is wrong`
 */
export async function loadInhibitRules(file: string): Promise<readonly InhibitRule[]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new PgherdError('CONFIG_INVALID', `${file}: cannot be read: ${messageOf(error)}`, { cause: error })
  }
  const { root, problems } = readYaml(text, file)
  const rules = (root?.get('inhibit_rules')?.items() ?? []).map(readRule)
  if (problems.length > 0) throw new PgherdError('CONFIG_INVALID', problems.join('\n'))
  return rules
}

function readRule(place: YamlPlace): InhibitRule {
  place.keys(ruleKeys)
  return {
    isSource: readMatchers(place, 'source_matchers'),
    isTarget: readMatchers(place, 'target_matchers'),
    equal: (place.get('equal')?.items() ?? []).map((item) => item.text() ?? ''),
  }
}

function readMatchers(rule: YamlPlace, key: string): LabelPredicate {
  const items = rule.get(key)?.items() ?? []
  if (items.length === 0) rule.problem(`allowed: at least one matcher under ${key}`)
  const tests = items.map((item): LabelPredicate => {
    try {
      return matchLabels([parseMatcher(item.text() ?? '')])
    } catch (error) {
      item.problem(messageOf(error))
      return () => false
    }
  })
  return (labels) => tests.every((passes) => passes(labels))
}
