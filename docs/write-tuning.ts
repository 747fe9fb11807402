import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { settingValue } from '../agent/postgres/setting-value.ts'
import { recommend } from '../agent/tuning/recommend/recommend.ts'
import { rules } from '../agent/tuning/rules/rules.ts'
import { sharedMemoryBytes } from '../agent/tuning/recommend/shared-memory.ts'
import { printAbout, printSetting } from '../common/tuning/print-size.ts'
import { differencesOf, valuesOf } from './tuning/differences.ts'
import { reasons } from './tuning/reasons.ts'
import { readReferenceMachines, situationOf, tools } from './tuning/reference-machines.ts'
import type { ReferenceMachine, Tool } from './tuning/reference-machines.ts'
import { ruleTexts } from './tuning/rule-texts.ts'

/** Writes the tables of docs/17-tuning.md from the baseline, the rules and docs/tuning, or with --check tells whether they are as they should be. */

const file = fileURLToPath(new URL('17-tuning.md', import.meta.url))
const machines = readReferenceMachines()

function machineTable(): string {
  const rows = machines.map((reference) => {
    const { machine, major, profile } = reference
    const { processors, memoryBytes, diskClass, dataDiskBytes } = machine
    const ours = valuesOf(reference)
    const { limits } = recommend(situationOf(reference)).budget
    const what = `${processors} x ${printAbout(memoryBytes)}, ${diskClass} ${printAbout(dataDiskBytes ?? 0)}, ${major} ${profile}`
    const cells = [
      reference.name.split('-')[0]!,
      what,
      ours.get('max_connections')!,
      ours.get('shared_buffers')!,
      ours.get('work_mem')!,
      ours.get('maintenance_work_mem')!,
      ours.get('max_wal_size')!,
      percent(limits[0]!.share),
      percent(limits[1]!.share),
      ...tools.map((tool) => percent(everyConnection(reference, tool))),
    ]
    return `| ${cells.join(' | ')} |`
  })
  return `|  | machine | connections | shared_buffers | work_mem | maintenance | max_wal_size | worst case | each once | PGTune | timescaledb-tune | Pigsty |
| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |
${rows.join('\n')}`
}

/** The share of memory of what a tool sets, when every connection uses work_mem once. */
function everyConnection({ machine, profile, others }: ReferenceMachine, tool: Tool): number {
  const values = others[tool]
  const connections = Number(values.get('max_connections'))
  const bytes = (name: string): number =>
    Number(settingValue(values.get(name)!, { vartype: 'integer', unit: 'B' }))
  const load = {
    memoryBytes: machine.memoryBytes,
    profile,
    connections,
    active: connections,
    parallelWorkers: 0,
    vacuumWorkers: 0,
    locksPerTransaction: Number(values.get('max_locks_per_transaction') ?? 64),
    preparedTransactions: 0,
    walBufferBytes: bytes('wal_buffers'),
  }
  return (
    (sharedMemoryBytes(load, bytes('shared_buffers')) + connections * bytes('work_mem')) / machine.memoryBytes
  )
}

const percent = (share: number): string => `${Math.round(share * 100)} %`

function differenceTable(): string {
  const differences = differencesOf(machines)
  const parameters = [...new Set(differences.map(({ parameter }) => parameter))].sort(
    (a, b) => Object.keys(reasons).indexOf(a) - Object.keys(reasons).indexOf(b),
  )
  const rows = parameters.map((parameter) => {
    const of = differences.filter((one) => one.parameter === parameter)
    const cells = tools.map((tool) => {
      const found = of.filter((one) => one.tool === tool)
      return found.length === 0 ? '' : `${range(found.map(({ theirs }) => theirs))} (${found.length})`
    })
    const ours = range(machines.map((reference) => valuesOf(reference).get(parameter) ?? 'not set'))
    return `| \`${parameter}\` | ${ours} | ${cells.join(' | ')} | ${reasons[parameter] ?? ''} |`
  })
  return `| setting | pgherd | PGTune | timescaledb-tune | Pigsty | why |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}`
}

/** The different ones of some values, or where they are many and measure something, the least and the most. */
function range(values: readonly string[]): string {
  const amount = (value: string): number => Number(settingValue(value, { vartype: 'real', unit: 'B' }))
  const distinct = [...new Set(values.map((value) => shortest(value)))]
  if (distinct.length <= 3) return distinct.join(', ')
  const measured = distinct
    .filter((value) => !Number.isNaN(amount(value)))
    .sort((a, b) => amount(a) - amount(b))
  const words = distinct.filter((value) => Number.isNaN(amount(value)))
  return [...words, `${measured[0]!} to ${measured.at(-1)!}`].join(', ')
}

/** Other tools write 65536MB where we write 64GB. */
function shortest(value: string): string {
  if (!/^\d+(kB|MB|GB)$/.test(value)) return value
  return printSetting(Number(settingValue(value, { vartype: 'integer', unit: 'B' })))
}

function ruleTable(): string {
  const rows = rules.map(({ id, what }) => {
    const text = ruleTexts[id]
    if (text === undefined) throw new Error(`docs/tuning/rule-texts.ts has nothing about ${id}`)
    return `| ${id} | ${what} | ${text.fires} | ${text.proposes} |`
  })
  return `|  | looks for | speaks when | says |
| --- | --- | --- | --- |
${rows.join('\n')}`
}

function withTable(text: string, name: string, table: string): string {
  const [begin, end] = [`<!-- ${name}: made by npm run docs:tuning -->`, `<!-- end of ${name} -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${file} has no place for ${name}`)
  return `${text.slice(0, from + begin.length)}\n\n${table}\n\n${text.slice(to)}`
}

const { values } = parseArgs({ options: { check: { type: 'boolean' } } })
const now = readFileSync(file, 'utf8')
const tables = [
  ['machines', machineTable],
  ['rules', ruleTable],
  ['differences', differenceTable],
] as const
const wanted = tables.reduce((text, [name, table]) => withTable(text, name, table()), now)
if (values.check === true) {
  if (now !== wanted) {
    throw new Error('docs/17-tuning.md is not what baseline and rules give; run: npm run docs:tuning')
  }
} else writeFileSync(file, wanted)
