import type { Command, Option } from 'commander'

/** A word that could stand next, and what it is. */
export interface Candidate {
  readonly word: string
  readonly what: string
}

/** What only the collector or the machine can tell. */
export type Wanted =
  | {
      readonly kind:
        'node' | 'cluster' | 'server' | 'action' | 'report' | 'command' | 'alert' | 'silence' | 'statement'
    }
  | { readonly kind: 'argument'; readonly of: 'action' | 'report'; readonly name: string }
  /** The nodes of a cluster. */
  | { readonly kind: 'member'; readonly of: string }

export interface Possibilities {
  /** From the program itself. */
  readonly words: readonly Candidate[]
  readonly wanted: readonly Wanted[]
  /** The beginning that all have. */
  readonly prefix: string
}

/** What is asked for without anything that was written before. */
type Plain = Exclude<Wanted['kind'], 'argument' | 'member'>

/** By the long flag of an option. */
const valuesOf: Readonly<Record<string, Plain | readonly string[]>> = {
  '--node': 'node',
  '--cluster': 'cluster',
  '--server': 'server',
  '--role': ['primary', 'standby'],
  '--label': ['node=', 'cluster=', 'ip=', 'version=', 'role=', 'connected=', 'up='],
}

type Place = Plain | 'member' | 'node-or-cluster' | readonly string[]

/** By the whole name of a command; the argument in each place, the last one's also behind it where it may be repeated. */
const argumentsOf: Readonly<Record<string, readonly Place[]>> = {
  ping: ['node'],
  revoke: ['node'],
  clusters: ['cluster'],
  writes: ['cluster'],
  show: ['report'],
  run: ['action'],
  actions: ['action'],
  commands: ['command'],
  cancel: ['command'],
  approve: ['command'],
  'alerts show': ['alert'],
  'silence add': ['alert'],
  'silence expire': ['silence'],
  'queries show': ['statement'],
  'config set': [['collector', 'token_file', 'ca_file', 'key_file']],
  completion: [['bash', 'zsh', 'fish']],
}

/** What `agentctl tune` does for all members of a cluster too. */
const ofClusters: ReadonlySet<string> = new Set(['tune plan', 'tune apply'])

/** Below `ha` all begin with a cluster, and what follows is one of its members; below `tune` with a node. */
function placesOf(name: string): readonly Place[] {
  if (name === 'ha list') return ['cluster']
  if (name.startsWith('tune ')) return [ofClusters.has(name) ? 'node-or-cluster' : 'node']
  return name.startsWith('ha ') ? ['cluster', 'member'] : (argumentsOf[name] ?? [])
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
    if (isFlag(word)) {
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
  if (open !== undefined && !isFlag(prefix)) return { prefix, ...valuesOfOption(open) }
  if (isFlag(prefix)) return { prefix, words: flagsOf(command, program), wanted: [] }
  const known = argumentAt(command, given)
  const subcommands = given.length > 0 ? [] : command.commands.filter((one) => !one.name().startsWith('_'))
  return {
    prefix,
    words: [...subcommands.map((one) => ({ word: one.name(), what: one.description() })), ...known.words],
    wanted: known.wanted,
  }
}

/** Numbers may be negative, such as queryids. */
function isFlag(word: string): boolean {
  return word.startsWith('-') && !/^-\d/.test(word)
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
  const name = wholeName(command)
  const of = ({ run: 'action', show: 'report' } as const)[name]
  if (of !== undefined && first !== undefined) {
    return { words: [], wanted: [{ kind: 'argument', of, name: first }] }
  }
  const declared = command.registeredArguments
  const isRepeated = declared.at(-1)?.variadic === true
  const at = isRepeated ? Math.min(given.length, declared.length - 1) : given.length
  const argument = declared[at]
  if (argument === undefined) return plain([])
  if (argument.argChoices !== undefined) return plain(argument.argChoices)
  const place = placesOf(name)[at]
  if (place === 'member') return { words: [], wanted: [{ kind: place, of: first ?? '' }] }
  if (place === 'node-or-cluster') return { words: [], wanted: [{ kind: 'node' }, { kind: 'cluster' }] }
  return place === undefined ? plain([]) : wordsOrWanted(place)
}

/** As it is written behind the program: `ha show`. */
function wholeName(command: Command): string {
  const names: string[] = []
  for (let one = command; one.parent !== null; one = one.parent) names.unshift(one.name())
  return names.join(' ')
}

function wordsOrWanted(values: Plain | readonly string[]): Omit<Possibilities, 'prefix'> {
  return typeof values === 'string' ? { words: [], wanted: [{ kind: values }] } : plain(values)
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
