import type { Command, Option } from 'commander'

/** A word that could stand next, and what it is. */
export interface Candidate {
  readonly word: string
  readonly what: string
}

/** What only the collector or the machine can tell. */
export type Wanted =
  | { readonly kind: 'node' | 'cluster' | 'server' | 'action' | 'report' | 'command' }
  | { readonly kind: 'argument'; readonly of: 'action' | 'report'; readonly name: string }

export interface Possibilities {
  /** From the program itself. */
  readonly words: readonly Candidate[]
  readonly wanted: readonly Wanted[]
  /** The beginning that all have. */
  readonly prefix: string
}

/** By the long flag of an option. */
const valuesOf: Readonly<Record<string, Wanted['kind'] | readonly string[]>> = {
  '--node': 'node',
  '--cluster': 'cluster',
  '--server': 'server',
  '--role': ['primary', 'standby'],
  '--label': ['node=', 'cluster=', 'ip=', 'version=', 'role=', 'connected=', 'up='],
}

/** By the name of a command; the argument in this place. */
const argumentsOf: Readonly<Record<string, readonly (Wanted['kind'] | readonly string[])[]>> = {
  ping: ['node'],
  revoke: ['node'],
  clusters: ['cluster'],
  show: ['report'],
  run: ['action'],
  actions: ['action'],
  commands: ['command'],
  cancel: ['command'],
  approve: ['command'],
  set: [['collector', 'token_file', 'ca_file', 'key_file']],
  completion: [['bash', 'zsh', 'fish']],
}

/**
 * What could stand in place of the last word.
 * @param words behind the name of the program; the last one is being written, and may be empty
 */
export function complete(program: Command, words: readonly string[]): Possibilities {
  const prefix = words.at(-1) ?? ''
  let command = program
  let open: Option | undefined
  const given: string[] = []
  for (const [at, word] of words.slice(0, -1).entries()) {
    if (word.startsWith('-')) {
      const option = optionOf(command, program, word)
      open = option?.required === true && !word.includes('=') ? option : undefined
      continue
    }
    if (open !== undefined) {
      if (!open.variadic) open = undefined
      continue
    }
    const sub = given.length > 0 ? undefined : command.commands.find((one) => one.name() === word)
    if (sub === undefined) given.push(word)
    else if (sub.name() === 'watch') return complete(program, words.slice(at + 1))
    else command = sub
  }
  if (open !== undefined && !prefix.startsWith('-')) return { prefix, ...valuesOfOption(open) }
  if (prefix.startsWith('-')) return { prefix, words: flagsOf(command, program), wanted: [] }
  const known = argumentAt(command, given)
  const subcommands = given.length > 0 ? [] : command.commands.filter((one) => !one.name().startsWith('_'))
  return {
    prefix,
    words: [...subcommands.map((one) => ({ word: one.name(), what: one.description() })), ...known.words],
    wanted: known.wanted,
  }
}

function optionOf(command: Command, program: Command, word: string): Option | undefined {
  const flag = word.replace(/=.*/s, '')
  return [...command.options, ...program.options].find(({ short, long }) => flag === short || flag === long)
}

function valuesOfOption(option: Option): Omit<Possibilities, 'prefix'> {
  if (option.argChoices !== undefined) return plain(option.argChoices)
  const values = valuesOf[option.long ?? '']
  return values === undefined ? plain([]) : wordsOrWanted(values)
}

function argumentAt(command: Command, given: readonly string[]): Omit<Possibilities, 'prefix'> {
  const [first] = given
  const of = ({ run: 'action', show: 'report' } as const)[command.name()]
  if (of !== undefined && first !== undefined) {
    return { words: [], wanted: [{ kind: 'argument', of, name: first }] }
  }
  const argument = command.registeredArguments[given.length]
  if (argument?.argChoices !== undefined) return plain(argument.argChoices)
  const known = argumentsOf[command.name()]
  const last = command.registeredArguments.at(-1)
  const values = known?.[last?.variadic === true ? Math.min(given.length, known.length - 1) : given.length]
  return values === undefined ? plain([]) : wordsOrWanted(values)
}

function wordsOrWanted(values: Wanted['kind'] | readonly string[]): Omit<Possibilities, 'prefix'> {
  if (typeof values !== 'string') return plain(values)
  return values === 'argument' ? plain([]) : { words: [], wanted: [{ kind: values }] }
}

function plain(words: readonly string[]): Omit<Possibilities, 'prefix'> {
  return { words: words.map((word) => ({ word, what: '' })), wanted: [] }
}

function flagsOf(command: Command, program: Command): readonly Candidate[] {
  const options = command === program ? program.options : [...command.options, ...program.options]
  const flags = options.map((option) => ({
    word: option.long ?? option.short ?? '',
    what: option.description,
  }))
  return [...flags, { word: '--help', what: 'print the help and exit' }]
}
