import { glob, readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import type { GivenFiles, RuleTestReport } from '../../common/alerts/rule-files.ts'
import { PgherdError, messageOf, systemCodeOf } from '../../common/errors.ts'
import { addWord, createSubprogram, runSubprogram } from '../../common/subprogram.ts'
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
  const program = createSubprogram(
    'pgherd-collector rules',
    'Checks rule files, and runs unit tests of them, as this collector would evaluate them.',
    print,
  )
  const command = (name: string, what: string): Command =>
    addWord(program, name, what).argument('<file...>', '* stands for any name')
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
  await runSubprogram(
    program,
    argv,
    (message = 'say check or test') => `${message} (see pgherd-collector rules --help)`,
  )
  return status
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
