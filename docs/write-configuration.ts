import { homedir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { agentProgram } from '../agent/config.ts'
import { collectorProgram } from '../collector/config.ts'
import type { Program } from '../common/config/command-line.ts'
import type { Field } from '../common/config/kinds.ts'
import { environmentNameOf, flagOf } from '../common/config/option-table.ts'
import type { OptionTable } from '../common/config/option-table.ts'
import { writePage } from './write-page.ts'

/** Writes docs/configuration.md from the option tables of both programs, or with --check tells whether it is as it should be. */

const repository = fileURLToPath(new URL('..', import.meta.url))

/** Defaults that differ from host to host, in words. */
const byHost: Readonly<Record<string, string>> = {
  'identity.ip': "the host's first address that is not its own loopback",
}

function programPage<Table extends OptionTable>(program: Program<Table>): string {
  const sections = Map.groupBy(Object.entries(program.table), ([key]) => key.split('.')[0]!)
  const [first = ''] = Object.keys(program.table)
  return `## ${program.name}

${program.what} \`${first}\` is \`${flagOf(first)}\` as a flag and \`${environmentNameOf(program.environmentPrefix, first)}\` in the environment.

${[...sections].map(([name, options]) => section(name, options)).join('\n')}`
}

function section(name: string, options: readonly (readonly [string, Field])[]): string {
  const lists = options.flatMap(([key, { kind }]) => {
    if (kind.fields === undefined) return []
    return [`Each of \`${key}\` has:\n\n${table(Object.entries(kind.fields))}`]
  })
  return `### ${name}

${[table(options), ...lists].join('\n')}`
}

function table(options: readonly (readonly [string, Field])[]): string {
  const rows = options.map(([key, field]) => {
    const { fields, allowed } = field.kind
    const values = fields === undefined ? allowed : 'a list of maps, below'
    return `| \`${key}\` | ${cell(values)} | ${initially(key, field)} | ${cell(field.what)} |`
  })
  return `| key | allowed | default | what |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}

function initially(key: string, field: Field): string {
  if (!Object.hasOwn(field, 'fallback')) return '**required**'
  if (byHost[key] !== undefined) return byHost[key]
  const { fallback } = field
  const printed = fallback === undefined ? '' : field.kind.print(fallback)
  if (printed === '' || printed === '[]') return 'none'
  return `\`${printed.replaceAll(repository, '').replaceAll(homedir(), '~').replaceAll('|', '\\|')}\``
}

function cell(text: string): string {
  return text
    .replaceAll('|', '\\|')
    .replaceAll(/<(?=[a-z])/g, '\\<')
    .replaceAll('*', '\\*')
}

writePage(
  new URL('configuration.md', import.meta.url),
  'docs:configuration',
  `# Configuration

Every key of both programs; made by \`npm run docs:configuration\` from the tables that the programs read themselves. A key is its place in
the YAML file: \`spool.max_bytes\` is \`max_bytes\` below \`spool\`. Each is a flag and an environment variable, too; a flag wins over its
environment variable, that over the file, that over the default. Lists of maps are JSON there. A path that does not begin with \`/\` is
taken from where the program was started; those of the defaults that lie in \`rules\` come with the program.

\`pgherd-agent --check-config --config agent.yaml\` and \`pgherd-collector --check-config --config collector.yaml\` say all mistakes at once,
each with its line and what is allowed, and print what holds with the origin of each value. An unknown key is a mistake.

Files with policies have pages of their own: [of commands](09-commands.md#policy), [of backups](16-backups.md), [of the watchdog](26-watchdog.md),
[of who is told](19-telling-people.md); [agentctl](11-agentctl.md#setting-it-up) has a small file, too. Secrets are never in a configuration: it names
the file that has them ([security](security.md#secrets)).

${programPage(agentProgram)}
${programPage(collectorProgram)}`,
)
