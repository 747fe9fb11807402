export const projects = ['unit', 'pg', 'system'] as const
export type Project = (typeof projects)[number]

export const help = `Usage: npm test -- [options] [file filters]

Installs what the suites need, runs them, and says what could not run.

  --project NAME  only this one; repeatable: ${projects.join(', ')}
  -t PATTERN      only tests whose name matches; this and all other arguments go to Vitest
  --help          print this help and exit`

export interface TestArguments {
  /** In the order in which they run. */
  readonly projects: readonly Project[]
  /** For Vitest, as they were given. */
  readonly rest: readonly string[]
}

/**
 * Takes `--project NAME` (or `--project=NAME`, repeatable) out of the arguments of `npm test`.
 * @throws Error for a project that does not exist
 */
export function parseTestArguments(argv: readonly string[]): TestArguments {
  const wanted = new Set<Project>()
  const rest: string[] = []
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index]!
    const [flag, inline] = argument.split('=', 2)
    if (flag !== '--project') {
      rest.push(argument)
      continue
    }
    const name = inline ?? argv[++index]
    const project = projects.find((one) => one === name)
    if (project === undefined) {
      throw new Error(`--project: was ${name ?? 'nothing'}; allowed: ${projects.join(', ')}`)
    }
    wanted.add(project)
  }
  return { projects: wanted.size === 0 ? projects : projects.filter((one) => wanted.has(one)), rest }
}
