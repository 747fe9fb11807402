import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { entryOf, startAgent, startCollector } from './pgherd.ts'
import type { AgentOptions, CollectorProcess, ExtraConfig, PgherdProcess } from './pgherd.ts'
import { freePort } from './ports.ts'
import { runCommand } from './run-command.ts'
import type { CommandResult } from './run-command.ts'

/** A collector with an authority of its own, and the operator of its fleet. */
export interface Fleet extends AsyncDisposable {
  /** Its `url` is that of the listener without TLS, where requests without a token are a viewer's. */
  readonly collector: CollectorProcess
  readonly tlsUrl: string
  readonly operator: Operator
  /** Public keys of the operator, for `actions.operators_file`. */
  readonly operatorsFile: string
  /** A further operator with a token of his own; agents believe his key from now on. */
  addOperator(name: string): Promise<Operator>
  /** Enrols and starts an agent, that of `program` if it is told; it connects with a certificate. */
  addAgent(options: Omit<AgentOptions, 'collectorUrl'>, program?: string): Promise<PgherdProcess>
}

export interface Operator {
  /** $XDG_CONFIG_HOME with the settings, the admin's token and the key. */
  readonly home: string
  readonly name: string
  agentctl(...args: readonly string[]): Promise<CommandResult>
}

/**
 * `pgherd-collector init`, the collector, and an operator with the first admin's token and a key of his own: what the documentation
 * tells a user to do, by the same programs.
 */
export async function startFleet(options: {
  readonly directory: string
  readonly port?: number
  readonly operatorName?: string
  /** Where it listens with TLS: an address that agents on other hosts reach; loopback unless told. */
  readonly address?: string
  readonly extraConfig?: ExtraConfig
  /** Whether `collector/store` in the directory is there already, with its authority. */
  readonly goesOn?: boolean
}): Promise<Fleet> {
  const { directory, operatorName = 'demo', address = '127.0.0.1' } = options
  const store = join(directory, 'collector', 'store')
  const tlsPort = await freePort()
  const tlsUrl = `https://${address}:${tlsPort}`
  const first = options.goesOn === true ? 'admin-token' : 'init'
  const init = await succeed(process.execPath, [entryOf('collector'), first, '--store-directory', store])
  const token = /^pgh_\S+$/m.exec(init.stdout)?.[0]
  if (token === undefined) throw new Error(`${first} printed no token: ${init.stdout}`)
  const caFile = join(store, 'trust', 'ca.pem')
  const collector = await startCollector({
    directory: join(directory, 'collector'),
    ...(options.port === undefined ? {} : { port: options.port }),
    extraConfig: {
      'http.listen': `${address}:${tlsPort}`,
      'tls.names': [address],
      'auth.anonymous_role': 'viewer',
      ...options.extraConfig,
    },
  })
  try {
    const operatorsFile = join(directory, 'operators')
    const create = async (name: string, home: string, itsToken: string): Promise<Operator> => {
      const made = createOperator({ home, name, collectorUrl: tlsUrl, token: itsToken, caFile })
      const line = await made.agentctl('key', 'generate', '--name', name, '--no-passphrase')
      appendFileSync(operatorsFile, check('agentctl key generate', line).stdout)
      return made
    }
    const operator = await create(operatorName, join(directory, 'operator'), token)
    return {
      collector,
      tlsUrl,
      operator,
      operatorsFile,
      async addOperator(name) {
        const created = check(
          'agentctl tokens create',
          await operator.agentctl('tokens', 'create', name, 'operator'),
        )
        return create(name, join(directory, `operator-${name}`), created.stdout.trim())
      },
      addAgent: (agent, program) => addAgent(agent, { tlsUrl, operator, operatorsFile }, program),
      [Symbol.asyncDispose]: () => collector[Symbol.asyncDispose](),
    }
  } catch (error) {
    await collector[Symbol.asyncDispose]()
    throw error
  }
}

function createOperator(given: {
  readonly home: string
  readonly name: string
  readonly collectorUrl: string
  readonly token: string
  readonly caFile: string
}): Operator {
  const { home, name } = given
  const settings = join(home, 'pgherd')
  mkdirSync(settings, { recursive: true, mode: 0o700 })
  writeFileSync(join(settings, 'token'), `${given.token}\n`, { mode: 0o600 })
  writeFileSync(
    join(settings, 'agentctl.yaml'),
    stringify({ collector: given.collectorUrl, ca_file: given.caFile }),
  )
  return {
    home,
    name,
    agentctl: (...args) =>
      runCommand(process.execPath, [agentctl, ...args], { environment: { XDG_CONFIG_HOME: home } }),
  }
}

const agentctl = fileURLToPath(new URL('../agentctl/main.ts', import.meta.url))

async function addAgent(
  options: Omit<AgentOptions, 'collectorUrl'>,
  fleet: Pick<Fleet, 'tlsUrl' | 'operator' | 'operatorsFile'>,
  program = entryOf('agent'),
): Promise<PgherdProcess> {
  const { cluster, seq, directory } = options
  const offered = check(
    'agentctl enroll',
    await fleet.operator.agentctl('-o', 'tsv', 'enroll', `${cluster}-${seq}`),
  )
  const token = offered.stdout.split('\n')[1]?.split('\t')[1] ?? ''
  const tls = join(directory, 'tls')
  mkdirSync(directory, { recursive: true })
  await succeed(process.execPath, [
    program,
    'join',
    fleet.tlsUrl,
    token,
    ...['--identity-cluster', cluster],
    ...['--identity-seq', String(seq)],
    ...['--collector-url', fleet.tlsUrl],
    ...['--tls-directory', tls],
  ])
  return startAgent({
    ...options,
    ...(program === entryOf('agent') ? {} : { program }),
    collectorUrl: fleet.tlsUrl,
    extraConfig: {
      'tls.directory': tls,
      'actions.operators_file': fleet.operatorsFile,
      'actions.policy_file': join(directory, 'policy.yaml'),
      ...options.extraConfig,
    },
  })
}

async function succeed(command: string, args: readonly string[]): Promise<CommandResult> {
  return check(args.slice(1, 3).join(' '), await runCommand(command, args))
}

function check(what: string, result: CommandResult): CommandResult {
  if (result.status === 0) return result
  throw new Error(`${what} ended with ${result.status ?? 'a signal'}: ${result.stderr || result.stdout}`)
}
