import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { runTune } from '../../agent/tune-command.ts'
import { agentProgram } from '../../agent/config.ts'
import { collectorProgram } from '../../collector/config.ts'
import { readInvocation } from '../../common/config/command-line.ts'
import { messageOf } from '../../common/errors.ts'
import { parseDemoArguments } from '../../demo/arguments.ts'
import { problemsOfAgentctl } from './check-agentctl.ts'
import { commandsOf } from './shell.ts'

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')))

/** Programs of others that a reader is told to use; one that is not here is a slip, or has to be thought about. */
const others: Readonly<Record<string, (words: readonly string[]) => readonly string[]>> = {
  apt: fine,
  'apt-get': fine,
  'ansible-playbook': fine,
  cat: fine,
  cd: fine,
  chmod: fine,
  chown: fine,
  cp: fine,
  createuser: fine,
  curl: fine,
  dpkg: fine,
  export: fine,
  git: fine,
  haproxy: fine,
  install: fine,
  journalctl: unitsExist,
  jq: fine,
  ls: fine,
  mkdir: fine,
  mv: fine,
  openssl: fine,
  pgbackrest: fine,
  psql: fine,
  rm: fine,
  scp: fine,
  sh: fine,
  sha256sum: fine,
  source: fine,
  ssh: fine,
  systemctl: unitsExist,
  'systemd-creds': fine,
  tar: fine,
  vmagent: fine,
  vmctl: fine,
}

/** What is wrong with the commands of a piece of shell. @param isWhole see `problemsOfAgentctl` */
export async function problemsOfShell(text: string, isWhole: boolean): Promise<readonly string[]> {
  const problems: string[] = []
  const commands = commandsOf(text)
  if (commands.length === 0) problems.push('there is no command')
  for (const words of commands.flatMap(alternativesOf)) {
    for (const problem of await problemsOf(words, isWhole)) problems.push(`${words.join(' ')}: ${problem}`)
  }
  return problems
}

/** `rules check|test` is two commands. */
function alternativesOf(words: readonly string[]): readonly (readonly string[])[] {
  const at = words.findIndex((word) => /^[a-z-]+(\|[a-z-]+)+$/.test(word))
  if (at < 0) return [words]
  return words[at]!.split('|').map((word) => words.with(at, word))
}

async function problemsOf(words: readonly string[], isWhole: boolean): Promise<readonly string[]> {
  const [program = '', ...rest] = words
  if (program === 'agentctl') return problemsOfAgentctl(rest, isWhole)
  if (program === 'pgherd-agent' || program === 'pgherd-collector') return problemsOfProgram(program, rest)
  if (program === 'npm') return problemsOfNpm(rest, isWhole)
  return Object.hasOwn(others, program) ? others[program]!(rest) : [`nobody knows the program ${program}`]
}

async function problemsOfNpm(words: readonly string[], isWhole: boolean): Promise<readonly string[]> {
  const [verb, ...rest] = words
  if (verb === 'ci' || verb === 'test') return []
  if (verb !== 'run') return [`npm ${verb ?? ''} is not what the documentation uses`]
  const at = rest.indexOf('--')
  const own = at < 0 ? rest : rest.slice(0, at)
  const args = at < 0 ? [] : rest.slice(at + 1)
  const [name = ''] = own.filter((word) => !['-s', '--silent'].includes(word))
  if (!Object.hasOwn(scripts, name)) return [`package.json has no script ${name}`]
  if (name === 'agentctl') return problemsOfAgentctl(args, isWhole)
  if (name === 'agent' || name === 'collector') return problemsOfProgram(`pgherd-${name}`, args)
  if (name === 'demo') return problemsOfDemo(args)
  const file = /(\S+\.ts)$/.exec(scripts[name]!)?.[1]
  return args
    .filter((flag) => flag.startsWith('--') && (file === undefined || !isNamed(file, flag)))
    .map((flag) => `${name} does not know ${flag}`)
}

function problemsOfDemo(args: readonly string[]): readonly string[] {
  try {
    parseDemoArguments(args, () => undefined)
    return []
  } catch (error) {
    return [messageOf(error)]
  }
}

function isNamed(file: string, flag: string): boolean {
  return existsSync(file) && readFileSync(file, 'utf8').includes(flag.replace(/=.*/, '').slice(2))
}

const entries = { 'pgherd-agent': 'agent/main.ts', 'pgherd-collector': 'collector/main.ts' } as const
const helps = new Map<string, string>()

/** What a program says of itself, or of what its first words name. */
function helpOf(program: keyof typeof entries, words: readonly string[]): string {
  const name = [program, ...words].join(' ')
  const known = helps.get(name)
  if (known !== undefined) return known
  if (words.length === 0) {
    // Without a process, which takes seconds to start from its sources.
    const lines: string[] = []
    const invocation = { argv: ['--help'], environment: {}, print: (line: string) => void lines.push(line) }
    if (program === 'pgherd-agent') readInvocation(agentProgram, invocation)
    else readInvocation(collectorProgram, invocation)
    helps.set(name, lines.join('\n'))
    return lines.join('\n')
  }
  const { stdout } = spawnSync(process.execPath, [entries[program], ...words, '--help'], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  helps.set(name, stdout)
  return stdout
}

/** Its commands and flags, each by the help of the program itself; a recommendation is made as well. */
function problemsOfProgram(program: keyof typeof entries, words: readonly string[]): readonly string[] {
  const flagAt = words.findIndex((word) => word.startsWith('-'))
  const names = (flagAt < 0 ? words : words.slice(0, flagAt)).slice(0, 2)
  const [first, second] = names
  const main = helpOf(program, [])
  const pages = [main]
  if (first !== undefined) {
    // As in "pgherd-collector rules check|test: ...".
    const line = new RegExp(`^${program} ${first}( [\\w|]+)?: `, 'm').exec(main)
    if (line === null) return [`${program} has no command ${first}`]
    const verbs = line[1]?.trim().split('|') ?? []
    if (verbs.length > 0 && second !== undefined && !verbs.includes(second)) {
      return [`${program} ${first} has no ${second}`]
    }
    // Only flags need more than the name.
    if (flagAt >= 0) pages.push(helpOf(program, [first]))
    if (flagAt >= 0 && verbs.length > 0 && second !== undefined) pages.push(helpOf(program, [first, second]))
  }
  const unknown = words
    .filter((word) => /^--[a-z]/.test(word))
    .map((word) => word.replace(/=.*/s, ''))
    .filter((flag) => !pages.some((page) => new RegExp(`${flag}(?![\\w-])`).test(page)))
  if (unknown.length > 0) return unknown.map((flag) => `${[program, ...names].join(' ')} has no ${flag}`)
  return program === 'pgherd-agent' && first === 'tune' ? problemsOfTune(words) : []
}

function problemsOfTune(words: readonly string[]): readonly string[] {
  const printed: string[] = []
  if (words.length === 1) return []
  try {
    runTune({ argv: words, print: (line) => printed.push(line) })
    return printed.length === 0 ? ['it prints nothing'] : []
  } catch (error) {
    return [messageOf(error)]
  }
}

function fine(): readonly string[] {
  return []
}

/** Units of ours that are named have to be in systemd/. */
function unitsExist(words: readonly string[]): readonly string[] {
  const own = words.filter((word) => /^pgherd-/.test(word))
  return own
    .map((name) => name.replace(/@[^.]*/, '@').replace(/\.service$/, ''))
    .filter((name) => !existsSync(`systemd/${name}.service`) && !existsSync(`systemd/${name}`))
    .map((name) => `there is no unit ${name}`)
}
