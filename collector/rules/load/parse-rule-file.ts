import { messageOf } from '../../../common/errors.ts'
import { parsePrometheusDuration } from '../../../common/series/prometheus-duration.ts'
import type { RuleDefinition, RuleGroup } from '../rule-types.ts'
import { compileTemplate } from '../template/template.ts'
import { readYaml } from './yaml-reader.ts'
import type { YamlPlace } from './yaml-reader.ts'

export interface RuleFileOptions {
  /** For groups that do not say how often. */
  readonly defaultIntervalMs: number
  /** Throws when the text is no PromQL expression. */
  checkExpression(text: string): void
}

export interface ParsedRuleFile {
  readonly groups: readonly RuleGroup[]
  /** Each one line: `file:line: path: what is wrong`. */
  readonly problems: readonly string[]
}

const groupKeys = ['name', 'interval', 'query_offset', 'limit', 'labels', 'rules']
const alertKeys = ['alert', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations']
const recordKeys = ['record', 'expr', 'labels']
const labelName = /^[A-Za-z_][A-Za-z0-9_]*$/
const metricName = /^[A-Za-z_:][A-Za-z0-9_:]*$/

/** Reads one rule file in Prometheus' format as strictly as Prometheus does, and finds all of its problems. */
export function parseRuleFile(text: string, file: string, options: RuleFileOptions): ParsedRuleFile {
  const { root, problems } = readYaml(text, file)
  if (root === undefined) return { groups: [], problems }
  root.keys(['groups'])
  const names = new Set<string>()
  const groups = (root.get('groups')?.items() ?? []).flatMap((place) => {
    const group = readGroup(place, file, options)
    if (group === undefined) return []
    if (names.has(group.name)) place.problem(`group name "${group.name}" is repeated in the same file`)
    names.add(group.name)
    return [group]
  })
  return { groups, problems }
}

function readGroup(place: YamlPlace, file: string, options: RuleFileOptions): RuleGroup | undefined {
  place.keys(groupKeys)
  const name = place.get('name')?.text() ?? ''
  if (name === '') place.problem('a group needs a name')
  const intervalMs = readDuration(place.get('interval')) ?? options.defaultIntervalMs
  if (intervalMs <= 0) place.get('interval')?.problem('was 0; allowed: a duration above 0')
  const labels = readLabels(place.get('labels'), 'plain')
  const rules = (place.get('rules')?.items() ?? []).flatMap((rule) => readRule(rule, labels, options) ?? [])
  return {
    name,
    file,
    intervalMs,
    queryOffsetMs: readDuration(place.get('query_offset')) ?? 0,
    limit: readCount(place.get('limit')),
    rules,
  }
}

function readRule(
  place: YamlPlace,
  groupLabels: Readonly<Record<string, string>>,
  options: RuleFileOptions,
): RuleDefinition | undefined {
  const alert = place.get('alert')
  const record = place.get('record')
  if ((alert === undefined) === (record === undefined)) {
    place.problem('a rule needs either "alert" or "record"')
    return undefined
  }
  place.keys(alert === undefined ? recordKeys : alertKeys)
  const expression = readExpression(place, options)
  const name = (alert ?? record)!.text() ?? ''
  if (name === '') (alert ?? record)!.problem('a rule needs a name')
  if (alert !== undefined) {
    return {
      kind: 'alerting',
      name,
      expression,
      forMs: readDuration(place.get('for')) ?? 0,
      keepFiringForMs: readDuration(place.get('keep_firing_for')) ?? 0,
      labels: { ...groupLabels, ...readLabels(place.get('labels'), 'template') },
      annotations: readLabels(place.get('annotations'), 'template'),
    }
  }
  if (name !== '' && !metricName.test(name)) record!.problem(`"${name}" is no valid metric name`)
  return {
    kind: 'recording',
    name,
    expression,
    labels: { ...groupLabels, ...readLabels(place.get('labels'), 'plain') },
  }
}

function readExpression(place: YamlPlace, options: RuleFileOptions): string {
  const node = place.get('expr')
  const text = node?.text()?.trim() ?? ''
  if (text === '') {
    ;(node ?? place).problem('a rule needs an expression')
    return ''
  }
  try {
    options.checkExpression(text)
  } catch (error) {
    node!.problem(messageOf(error))
  }
  return text
}

function readLabels(place: YamlPlace | undefined, kind: 'plain' | 'template'): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const name of place?.keys() ?? []) {
    const value = place!.get(name)
    const text = value?.text() ?? ''
    if (!labelName.test(name) || name === '__name__') {
      ;(value ?? place!).problem(`"${name}" is no valid name here`)
      continue
    }
    if (kind === 'template') {
      try {
        compileTemplate(text)
      } catch (error) {
        value?.problem(messageOf(error))
      }
    }
    labels[name] = text
  }
  return labels
}

function readDuration(place: YamlPlace | undefined): number | undefined {
  const text = place?.text()
  if (text === undefined) return undefined
  const durationMs = parsePrometheusDuration(text)
  if (durationMs === undefined) {
    place!.problem(`was "${text}"; allowed: a duration such as 30s, 5m or 1h30m`)
  }
  return durationMs
}

function readCount(place: YamlPlace | undefined): number {
  const text = place?.text()
  if (text === undefined) return 0
  if (/^\d{1,9}$/.test(text)) return Number(text)
  place!.problem(`was "${text}"; allowed: 0 (no limit) or a positive integer`)
  return 0
}
