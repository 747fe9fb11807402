import { InvalidArgumentError, Option } from 'commander'
import type { Invocation } from '../../common/config/command-line.ts'
import { PgherdError } from '../../common/errors.ts'
import { createSubprogram, runSubprogram } from '../../common/subprogram.ts'
import { parseJoinToken } from '../../common/trust/join-token.ts'
import { usualStateDirectory } from './config-text.ts'

/** What `pgherd-agent setup` was asked for. Undefined is what is to be found, or is as usual. */
export interface SetupOptions {
  readonly node: string | undefined
  readonly cluster: string | undefined
  readonly seq: number | undefined
  /** Data directories and ports; empty for all servers. */
  readonly only: readonly string[]
  readonly neighbours: boolean
  readonly role: string | undefined
  /** Who the agent runs as. */
  readonly user: string
  /** File with the password that the role has, or is to get. */
  readonly passwordFrom: string | undefined
  readonly newPassword: boolean
  readonly config: string
  readonly stateDirectory: string | undefined
  readonly join: { readonly url: string; readonly token: string } | undefined
  readonly start: boolean
  readonly print: boolean
  readonly yes: boolean
  readonly replace: boolean
}

/** Of those without a default, which --help would name. */
const flags = { only: [], newPassword: false, replace: false, print: false, yes: false } as const
type GivenOptions = Omit<SetupOptions, 'node' | 'join' | keyof typeof flags> &
  Partial<Pick<SetupOptions, keyof typeof flags>> & { join?: string }

export const usualConfig = '/etc/pgherd/agent.yaml'
export const usualUser = 'pgherd-agent'
export const usualRole = 'pgherd'

const footer = `
It finds PostgreSQL, pgBouncer, Patroni, HAProxy, etcd, keepalived, vip-manager and pgBackRest by what runs on this host, makes a role that may
look and not touch, writes the configuration, tries it, joins the fleet and starts the agent. It shows each step and asks before it takes
it. It never restarts or configures PostgreSQL; where pg_hba.conf lacks a line, it says which, and does nothing. A second run does what is left.

  sudo pgherd-agent setup pg-main-1 --join 'https://collector:8432#pgherd-join-1.…'   as agentctl enroll prints it
  sudo pgherd-agent setup pg-main-1 --print                                          all of it as a script for sh, and nothing is changed

Exit status: 0 done, 1 failed or answered with no, 2 wrong usage or configuration, 3 refused, 4 unreachable, 5 timed out.`

/** @returns undefined where only help was asked for, and given. @throws PgherdError USAGE */
export async function readSetupOptions({
  argv,
  print,
  readInput,
}: Pick<Invocation, 'argv' | 'print'> & {
  readonly readInput: () => Promise<string>
}): Promise<SetupOptions | undefined> {
  let read: SetupOptions | undefined
  const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]
  const program = createSubprogram('pgherd-agent setup', 'Sets the agent up on this host.', print)
    .argument('[node]', 'its name in the fleet, <cluster>-<number>, such as pg-main-1; found unless told')
    .option(
      '--join <url#token>',
      'the collector and the join token, as agentctl enroll prints them; - reads them from the standard input',
    )
    .option('--only <place>', 'a data directory or port: watch this server alone (can be repeated)', several)
    .option('--cluster <name>', 'name of the cluster, where no node is named')
    .addOption(
      new Option('--seq <number>', 'number of this member, where no node is named').argParser(number),
    )
    .option('--no-neighbours', 'leave out what runs beside PostgreSQL')
    .option(
      '--role <name>',
      `role of PostgreSQL to measure with (default ${usualRole}); called as the user of the agent it needs no password where pg_hba.conf says peer`,
    )
    .option(
      '--password-from <file>',
      'file whose first line is the password of the role, of a cluster whose primary has it already',
    )
    .option(
      '--new-password',
      'give a role that is there another password; other agents that use it need it too',
    )
    .option('--config <file>', 'configuration to write', usualConfig)
    .option(
      '--state-directory <directory>',
      `where measurements and certificate are kept (default ${usualStateDirectory})`,
    )
    .option('--user <name>', 'user whom the agent runs as', usualUser)
    .option('--replace', 'with --yes: write over a configuration that differs (it is kept beside as .before)')
    .option('--no-start', 'do not start the agent')
    .option('--print', 'print what would be done, as a script for sh, and change nothing')
    .option('--yes', 'ask nothing')
    .addHelpText('after', footer)
    .action(async (node: string | undefined, given: GivenOptions) => {
      const join = given.join === '-' ? (await readInput()).trim() : given.join
      read = { ...flags, ...given, node, join: join === undefined ? undefined : splitJoin(join) }
    })
  await runSubprogram(program, argv.slice(1), (message) => `${message ?? ''} (see pgherd-agent setup --help)`)
  if (read === undefined) return undefined
  if (read.role !== undefined && !/^[a-z_][a-z0-9_-]{0,62}$/.test(read.role)) {
    throw new PgherdError('USAGE', `--role was ${read.role}; allowed: 1 to 63 small letters, digits, - and _`)
  }
  return read
}

function number(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('allowed: 0 to 99999')
  return Number(text)
}

function splitJoin(text: string): { url: string; token: string } {
  const [address = '', ...rest] = text.split('#')
  const token = rest.join('#')
  if (!URL.canParse(address) || new URL(address).protocol !== 'https:') {
    throw new PgherdError(
      'USAGE',
      `--join: the collector's URL was ${address === '' ? 'missing' : address}; allowed: https://<host>:<port>#<token>`,
    )
  }
  if (parseJoinToken(token) === undefined) {
    throw new PgherdError(
      'USAGE',
      `--join: what follows # is not a whole join token; allowed: pgherd-join-1.… as agentctl enroll prints it, in quotes`,
    )
  }
  return { url: new URL(address).origin, token }
}
