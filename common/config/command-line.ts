import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { PgherdError, messageOf } from '../errors.ts'
import { version } from '../version.ts'
import { loadConfig } from './load-config.ts'
import { environmentNameOf, flagOf } from './option-table.ts'
import type { Config, OptionTable } from './option-table.ts'

export interface Program<Table extends OptionTable> {
  /** As typed by a person: `pgherd-agent`. */
  readonly name: string
  readonly what: string
  readonly table: Table
  /** `PGHERD_AGENT` */
  readonly environmentPrefix: string
  /** What its name can be followed by in place of options, for the help; each has a help of its own. */
  readonly commands?: Readonly<Record<string, string>>
  /** What it can be asked to do in place of running, by flag. */
  readonly modes?: Readonly<Record<string, Mode>>
  /** Checks that need more than one option; each problem one line. */
  check?(config: Config<Table>): readonly string[]
  /** Only with --check-config: of other files that the configuration names, which do not keep it from running. */
  readonly checkFiles?: (config: Config<Table>) => readonly string[]
}

/** A flag that makes the program do one thing and end. */
export interface Mode {
  /** Of its argument, such as `<probe>`, when it takes one. */
  readonly placeholder?: string
  readonly what: string
}

/** What a call asks for. */
export interface Asked<Table extends OptionTable> {
  readonly config: Config<Table>
  /** Undefined for running as a service. */
  readonly mode: { readonly name: string; readonly argument: string } | undefined
}

export interface Invocation {
  readonly argv: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  print(line: string): void
}

/**
 * Command line, environment and file to one configuration.
 * @returns the configuration to run with and in which mode, or undefined when the call only asked something (--help, --version,
 *   --check-config) and was answered
 * @throws PgherdError USAGE or CONFIG_INVALID; the message has one line per error
 */
export function readInvocation<Table extends OptionTable>(
  program: Program<Table>,
  invocation: Invocation,
): Asked<Table> | undefined {
  const { environmentPrefix, modes = {}, table } = program
  const command = new Command(program.name)
    .description(program.what)
    .version(version, '--version', 'print the version and exit')
    .helpOption('--help', 'print this help and exit')
    .option('--config <file>', `YAML file with the options below [$${environmentPrefix}_CONFIG]`)
    .option('--check-config', 'check the configuration, print it with the origin of each value, and exit')
    .configureHelp({ sortOptions: false })
    .configureOutput({ writeOut: (text) => invocation.print(text.trimEnd()), writeErr: () => undefined })
    .addHelpText('after', `\n${helpFooter(environmentPrefix, program)}`)
    .exitOverride()
  const asked = new Map<string, string>()
  for (const [name, { placeholder, what }] of Object.entries(modes)) {
    command.option(`--${name}${placeholder === undefined ? '' : ` ${placeholder}`}`, what, (value) => value)
    command.on(`option:${name}`, (value: string | null) => void asked.set(name, value ?? ''))
  }
  const flags = new Map<string, string>()
  for (const [key, option] of Object.entries(table)) {
    const initially = !Object.hasOwn(option, 'fallback')
      ? 'required'
      : option.fallback === undefined
        ? 'not set by default'
        : `default ${printed(option.kind.print(option.fallback as never))}`
    const variable = environmentNameOf(environmentPrefix, key)
    command.option(
      `${flagOf(key)} ${option.kind.placeholder}`,
      `${option.what} (${initially}) [$${variable}]`,
      (value: string) => void flags.set(key, value),
    )
  }
  try {
    command.parse(invocation.argv, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return undefined
    throw new PgherdError('USAGE', `${error.message.replace(/^error: /, '')} (see ${program.name} --help)`)
  }
  if (command.args.length > 0) {
    throw new PgherdError('USAGE', `unexpected argument ${command.args[0]!} (see ${program.name} --help)`)
  }

  const { [`${environmentPrefix}_CONFIG`]: fileFromEnvironment, ...environment } = invocation.environment
  const given = command.opts<{ config?: string; checkConfig?: boolean }>()
  const fileName = given.config ?? fileFromEnvironment
  const loaded = loadConfig(table, {
    ...(fileName === undefined ? {} : { file: { name: fileName, text: readConfigFile(fileName) } }),
    environment,
    environmentPrefix,
    flags,
  })
  const problems = [...loaded.problems]
  if (loaded.config !== undefined) problems.push(...(program.check?.(loaded.config) ?? []))
  if (loaded.config !== undefined && given.checkConfig === true) {
    problems.push(...(program.checkFiles?.(loaded.config) ?? []))
  }
  if (loaded.config === undefined || problems.length > 0) {
    throw new PgherdError('CONFIG_INVALID', problems.join('\n'))
  }
  if (asked.size > 1) {
    const names = [...asked.keys()].map((name) => `--${name}`).join(' and ')
    throw new PgherdError('USAGE', `${names} exclude each other (see ${program.name} --help)`)
  }
  const [mode] = [...asked].map(([name, argument]) => ({ name, argument }))
  if (given.checkConfig !== true) return { config: loaded.config, mode }
  for (const [key, option] of Object.entries(table)) {
    const value = printed(option.kind.print(loaded.config[key]))
    invocation.print(`${key}: ${value}  # ${loaded.origins.get(key) ?? ''}`)
  }
  invocation.print('the configuration is valid')
  return undefined
}

function readConfigFile(name: string): string {
  try {
    return readFileSync(name, 'utf8')
  } catch (error) {
    throw new PgherdError('CONFIG_INVALID', `${name}: cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

function printed(value: string): string {
  return value === '' ? '""' : value
}

function helpFooter(
  prefix: string,
  { name, commands = {} }: { readonly name: string; readonly commands?: Readonly<Record<string, string>> },
): string {
  return [
    ...Object.entries(commands).map(([words, what]) => `${name} ${words}: ${what} (--help says how).`),
    'A flag wins over its environment variable, that over the file, that over the default.',
    `The file has the same options as nested keys: --spool-max-bytes is spool.max_bytes, $${prefix}_... likewise.`,
    'Exit status: 0 stopped as asked, 1 failed, 2 wrong usage or configuration, 4 unreachable, 5 timed out.',
  ].join('\n')
}
