import { randomBytes } from 'node:crypto'
import { chownSync, mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { basename, join as joinPath } from 'node:path'
import { createInterface } from 'node:readline/promises'
import type { Clock } from '../common/clock.ts'
import type { Invocation } from '../common/config/command-line.ts'
import { PgherdError, catalogue } from '../common/errors.ts'
import { chooseProxy } from '../common/proxy.ts'
import type { AgentConfig } from './config.ts'
import { testItself } from './modes/self-test.ts'
import { configIn } from './setup/existing-config.ts'
import { actingAs } from './setup/host/acting-as.ts'
import type { LocalUser } from './setup/host/acting-as.ts'
import { readPassword } from './setup/host/password-file.ts'
import { readServiceHost } from './setup/host/service.ts'
import { readUserNames } from './setup/host/user-names.ts'
import { carryOut } from './setup/carry-out.ts'
import { makePlan } from './setup/make-plan.ts'
import { readSetupOptions } from './setup/options.ts'
import { printScript } from './setup/print-script.ts'
import { identityOf } from './sources.ts'
import { readCredentials } from './trust/credential-files.ts'
import { join } from './trust/join.ts'

const joinTimeoutMs = 30_000
/** Of some eighty probes those are told that lack something. */
const measuredProbe = /^ {2}ok +[\d.]+ ms /
const runtimeCredentials = '/run/credentials/'

export interface SetupInvocation extends Invocation {
  readonly readInput: () => Promise<string>
  readonly clock: Clock
  /** Where /proc lies; `/` unless told. */
  readonly root?: string
  /** Whether somebody can be asked. */
  readonly isTerminal: boolean
}

/**
 * `pgherd-agent setup`: from a host with PostgreSQL to one that is watched.
 * @returns the exit status @throws PgherdError of what it found or did; what was done before stays, and a repeat goes on from there
 */
export async function runSetup(invocation: SetupInvocation): Promise<number> {
  const { clock, environment } = invocation
  const print = (line: string): void => invocation.print(line)
  const options = await readSetupOptions(invocation)
  if (options === undefined) return 0
  if (!options.print && !options.yes && !invocation.isTerminal) {
    throw new PgherdError('USAGE', 'nobody can be asked here; allowed: a terminal, --yes or --print')
  }
  if (!options.print && process.geteuid?.() !== 0) {
    throw new PgherdError('USAGE', 'setup writes below /etc and acts as two users; allowed: sudo, or --print')
  }
  const users = readUserNames()
  const memberUntilMs = async (directory: string, node: string): Promise<number | undefined> => {
    const credentials = await readCredentials(directory).catch(() => undefined)
    const isGood = credentials?.node === node && credentials.validToMs > clock.now()
    return isGood ? credentials.validToMs : undefined
  }
  const plan = await makePlan(options, {
    ...{ users, clock, memberUntilMs },
    root: invocation.root ?? '/',
    hostName: hostname(),
    service: await readServiceHost(),
  })
  if (options.print) {
    for (const line of printScript(plan, (uid) => users.nameOf(uid))) print(line)
    return plan.problems.length === 0 ? 0 : catalogue.REFUSED.exit
  }
  return carryOut(plan, {
    ...{ users, clock, print, randomBytes },
    confirm: options.yes ? undefined : confirm,
    readConfig: configIn,
    async selfTest(config, user) {
      const unreached: { name: string; error: PgherdError }[] = []
      const status = await actingAsAgent(config, user, (readable) =>
        testItself(readable, {
          clock,
          print: (line) => {
            if (!measuredProbe.test(line)) print(`  ${line}`)
          },
          unreachable: (name, error) => unreached.push({ name, error }),
        }),
      )
      return { status, unreached }
    },
    async join(config, user) {
      const { url, token } = options.join ?? { url: '', token: '' }
      const { cluster, seq } = identityOf(config)
      const { validToMs } = await actingAs(user, () =>
        join({
          ...{ url, token, clock },
          node: `${cluster}-${seq}`,
          directory: config['tls.directory'],
          timeoutMs: joinTimeoutMs,
          proxy: chooseProxy(config['collector.proxy'], environment),
        }),
      )
      return validToMs
    },
  })
}

async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim())
  } catch (error) {
    // Ctrl+C and Ctrl+D are a no.
    if (error instanceof Error && error.name === 'AbortError') return false
    throw error
  } finally {
    terminal.close()
  }
}

/** With the rights of the agent's user; a password that systemd will hand on is handed on for as long as this takes. */
async function actingAsAgent<T>(
  config: AgentConfig,
  user: LocalUser,
  work: (config: AgentConfig) => Promise<T>,
): Promise<T> {
  const runtimeFile = config['postgres.password_file']
  if (runtimeFile?.startsWith(runtimeCredentials) !== true) return actingAs(user, () => work(config))
  using own = mkdtempDisposableSync(joinPath(tmpdir(), 'pgherd-setup-'))
  const file = joinPath(own.path, basename(runtimeFile))
  const password = await readPassword(joinPath('/etc/credstore', basename(runtimeFile)))
  writeFileSync(file, `${password ?? ''}\n`, { mode: 0o400, flag: 'wx' })
  chownSync(file, user.uid, user.gid)
  chownSync(own.path, user.uid, user.gid)
  return await actingAs(user, () => work({ ...config, 'postgres.password_file': file }))
}
