import { glob, readFile } from 'node:fs/promises'
import { Command, CommanderError } from 'commander'
import type { GivenFiles, RuleTestReport } from '../../common/alerts/rule-files.ts'
import { PgherdError, messageOf, systemCodeOf } from '../../common/errors.ts'
import { version } from '../../common/version.ts'
import { checkRules } from './check-rules.ts'
import { reportLines } from '../../common/alerts/report-lines.ts'
import { testRuleFile } from './test-rules.ts'

export interface RulesToolInvocation {
  /** Behind `rules`. */
  readonly argv: readonly string[]
  readonly print: (line: string) => void
}

/**
 * `pgherd-collector rules check|test`: what CI says of rule files, without a collector.
 * @returns the exit status: 1 for rules or tests with something wrong
 * @throws PgherdError USAGE, NOT_FOUND
 */
export async function runRulesTool({ argv, print }: RulesToolInvocation): Promise<number> {
  let status = 0
  const program = new Command('pgherd-collector rules')
    .description('Checks rule files, and runs unit tests of them, as this collector would evaluate them.')
    .version(version, '--version', 'print the version and exit')
    .configureOutput({ writeOut: (text) => print(text.trimEnd()), writeErr: () => undefined })
    .helpOption('--help', 'print this help and exit')
    .helpCommand(false)
    .exitOverride()
  const command = (name: string, what: string): Command =>
    program
      .command(name)
      .description(what)
      .copyInheritedSettings(program)
      .helpOption('--help', 'print this help and exit')
      .argument('<file...>', '* stands for any name')
  command('check', 'Reads rule files in the format of Prometheus; each problem is a line.').action(
    async (paths: readonly string[]) => {
      const { files, groups, rules, problems } = checkRules(await readAll(paths))
      for (const problem of problems) print(problem)
      if (problems.length === 0) print(`${files} files with ${groups} groups and ${rules} rules are valid`)
      else status = 1
    },
  )
  command('test', 'Runs unit tests in the format of promtool; rule_files are found beside each.').action(
    async (paths: readonly string[]) => {
      const reports: RuleTestReport[] = []
      for (const file of await readAll(paths)) reports.push(await testRuleFile(file, findFiles))
      for (const line of reports.flatMap(reportLines)) print(line)
      if (reports.some(({ failures, problems }) => failures.length + problems.length > 0)) status = 1
    },
  )
  try {
    await program.parseAsync(argv, { from: 'user' })
    return status
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return 0
    const message = error.message.replace(/^error: /, '')
    const text = error.code === 'commander.help' ? 'say check or test' : message
    throw new PgherdError('USAGE', `${text} (see pgherd-collector rules --help)`)
  }
}

async function readAll(paths: readonly string[]): Promise<GivenFiles> {
  const files: GivenFiles = []
  for (const path of paths) {
    const found = await findFiles(path)
    if (found.length === 0) throw new PgherdError('NOT_FOUND', `there is no ${path}`)
    files.push(...found)
  }
  return files
}

async function findFiles(path: string): Promise<GivenFiles> {
  const files: GivenFiles = []
  for await (const name of glob(path)) files.push({ name, text: await read(name) })
  return files.sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function read(name: string): Promise<string> {
  try {
    return await readFile(name, 'utf8')
  } catch (error) {
    throw new PgherdError('NOT_FOUND', `${name} cannot be read: ${systemCodeOf(error) ?? messageOf(error)}`)
  }
}
