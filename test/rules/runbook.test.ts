import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { kinds } from '../../agent/actions/kinds.ts'
import { reportsOfPooler } from '../../agent/actions/reports-of-pooler.ts'
import { reports } from '../../agent/actions/reports.ts'
import { loadRuleFiles } from '../../collector/rules/load/load-rule-files.ts'
import { runAgentctl } from '../agentctl/run-agentctl.ts'

const manual = readFileSync('docs/18-alerts.md', 'utf8')
/** By the name of the alert, up to the next heading. */
const sections = new Map(
  manual.split(/^(?=#{2,3} )/m).flatMap((text) => {
    const name = /^### (\w+)\n/.exec(text)?.[1]
    return name === undefined ? [] : [[name, text] as const]
  }),
)

const groups = await loadRuleFiles(['rules/*.yaml'], {
  defaultIntervalMs: 10_000,
  checkExpression: () => undefined,
})
const alerts = groups.flatMap(({ file, rules }) =>
  rules.flatMap((rule) => (rule.kind === 'alerting' ? [{ ...rule, file }] : [])),
)

test('no two alerts have one name', () => {
  const names = alerts.map(({ name }) => name)
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
})

test('every alert has a section in the manual, and every section an alert', () => {
  expect([...sections.keys()].sort()).toEqual(alerts.map(({ name }) => name).sort())
})

test.each(alerts)('$name leads to its section, which says what a person needs', (alert) => {
  const { name, labels, annotations, file } = alert
  expect(annotations['runbook_url']).toBe(`docs/18-alerts.md#${name.toLowerCase()}`)
  const section = sections.get(name) ?? ''
  expect(section).toContain(`${labels['severity']}, [${file.replace(/^.*(?=rules\/)/, '')}]`)
  for (const part of ['What it means.', 'Why it matters.', 'How to mend it.', 'When to ignore it.']) {
    expect(section).toMatch(new RegExp(`\\*\\*${part}\\*\\* \\S`))
  }
  expect(section).toMatch(/^\*\*First.*\*\*\n\n1\. .+\n(?: .+\n)*2\. /m)
  const levels: Readonly<Record<string, string>> = { CRIT: '0', WARN: '1', INFO: '2' }
  expect(labels['level']).toBe(levels[labels['severity'] ?? ''])
  expect(['pgsql', 'node', 'etcd', 'haproxy', 'pgherd']).toContain(labels['category'])
})

const board = z.object({
  uid: z.string(),
  templating: z.object({ list: z.array(z.object({ name: z.string() })) }),
})
const boards = new Map(
  globSync('dashboards/json/*.json').map((file) => {
    const { uid, templating } = board.parse(JSON.parse(readFileSync(file, 'utf8')))
    return [uid, templating.list.map(({ name }) => name)] as const
  }),
)

test.each(alerts)('the board of $name exists and has the variables that the link sets', ({ annotations }) => {
  const [, uid = '', query = ''] = /^\/d\/([\w-]+)(?:\?(.*))?$/.exec(annotations['dashboard'] ?? '') ?? []
  expect([...boards.keys()]).toContain(uid)
  const variables = [...query.matchAll(/(?:^|&)var-(\w+)=\{\{ \$labels\.(?:\w+) \}\}/g)].map(
    ([, name]) => name,
  )
  expect(variables).toHaveLength(query === '' ? 0 : query.split('&').length)
  expect(boards.get(uid)).toEqual(expect.arrayContaining(variables))
})

const commands = [...new Set([...manual.matchAll(/`(agentctl [^`]+)`/g)].map(([, text]) => text!))]

test('every command of agentctl that the manual names exists, with its flags, report or action', async () => {
  expect(commands.length).toBeGreaterThan(30)
  const helps = new Map<string, string>()
  const helpOf = async (path: readonly string[]): Promise<string> => {
    const key = path.join(' ')
    if (!helps.has(key)) helps.set(key, (await runAgentctl([...path, '--help'], { width: 200 })).out)
    return helps.get(key) ?? ''
  }
  const known = {
    show: [...reports.map(({ name }) => name), ...reportsOfPooler.map(({ name }) => `pgbouncer-${name}`)],
    run: kinds.map(({ kind }) => kind),
  }
  for (const command of commands) {
    // What is between quotes is an expression.
    const [, ...words] = command.replace(/'.*'/s, '').trim().split(/\s+/)
    const [name = '', second = ''] = words
    const top = await helpOf([name])
    expect(top, command).toMatch(new RegExp(`^Usage: agentctl ${name}\\b`))
    const path = new RegExp(`^ {2}${second || '-'}\\b`, 'm').test(top) ? [name, second] : [name]
    const help = path.length === 2 ? await helpOf(path) : top
    if (name === 'show' || name === 'run') {
      if (second !== '') expect(known[name], command).toContain(second)
    } else if (/^(?:ha|backup|tune|audit|rules)$/.test(name) && second !== '' && !second.startsWith('-')) {
      expect(path, command).toHaveLength(2)
    }
    for (const flag of words.filter((word) => word.startsWith('-'))) {
      expect(`${help}\n${top}`, command).toMatch(new RegExp(`(?:^|[ ,])${flag}\\b`, 'm'))
    }
  }
})
