import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import type { Clock } from '../common/clock.ts'
import { readInvocation } from '../common/config/command-line.ts'
import type { Invocation } from '../common/config/command-line.ts'
import { PgherdError } from '../common/errors.ts'
import { makeDirectory } from '../common/make-directory.ts'
import { collectorProgram } from './config.ts'
import type { CollectorConfig } from './config.ts'
import { openFleet } from './fleet/fleet.ts'
import type { Fleet } from './fleet/fleet.ts'
import { createTrust } from './fleet/trust/trust-directory.ts'
import { ownNames, trustDirectory } from './trust.ts'

/** Who has made the tokens of these commands. */
const byCommand = 'pgherd-collector'
const firstAdmin = 'first-admin'
const adminLifetimeMs = 90 * 86_400_000

/**
 * `pgherd-collector init`: the fleet's authority, the collector's certificate and the first admin token, which is printed
 * this once.
 */
export async function runInit(invocation: Invocation & { readonly clock: Clock }): Promise<number> {
  const { names, argv } = takeNames(invocation.argv)
  const program = {
    ...collectorProgram,
    name: `${collectorProgram.name} init`,
    what: "Makes the fleet's authority, the collector's certificate and the first admin token. --name NAME, which may be repeated, adds a name or an address under which the collector is reached.",
    commands: {},
  }
  const asked = readInvocation(program, { ...invocation, argv })
  if (asked === undefined) return 0
  const config: CollectorConfig = {
    ...asked.config,
    'tls.names': [...asked.config['tls.names'], ...names],
  }
  const directory = trustDirectory(config)
  using fleet = openState(config, invocation.clock)
  let token = ''
  const authority = await createTrust(directory, {
    names: ownNames(config),
    nowMs: invocation.clock.now(),
    // Nobody has seen the token of an attempt that was killed, so it is replaced.
    beforeItCounts: async () => void (token = await newAdmin(fleet, firstAdmin)),
  })
  const { fingerprint256 } = new X509Certificate(authority.certificate)
  invocation.print(
    `The fleet's authority and the collector's certificate are in ${directory}: keep a copy of it safe.`,
  )
  invocation.print(`SHA-256 of the authority: ${fingerprint256}`)
  invocation.print(`The certificate is for ${ownNames(config).join(', ')}.`)
  invocation.print('The first admin token, valid for 90 days and shown only now:')
  invocation.print(token)
  return 0
}

/** `pgherd-collector admin-token`: for whoever has lost the last one and may read the collector's files. */
export async function runAdminToken(invocation: Invocation & { readonly clock: Clock }): Promise<number> {
  const program = {
    ...collectorProgram,
    name: `${collectorProgram.name} admin-token`,
    what: 'Makes an admin token, valid for 90 days, also beside a running collector. The one that it made before ends.',
    commands: {},
  }
  const asked = readInvocation(program, invocation)
  if (asked !== undefined) {
    using fleet = openState(asked.config, invocation.clock)
    invocation.print(await newAdmin(fleet, 'recovered-admin'))
  }
  return 0
}

function openState(config: CollectorConfig, clock: Clock): Fleet {
  makeDirectory(config['store.directory'])
  return openFleet({ path: join(config['store.directory'], 'fleet.sqlite'), clock })
}

/** Whoever holds the name or has made too many tokens does not keep the owner of the files out. */
async function newAdmin(fleet: Fleet, name: string): Promise<string> {
  for (const token of fleet.tokens.list()) {
    if (token.name === name) await fleet.tokens.revoke(token.id, byCommand)
  }
  const made = await fleet.tokens.create(
    { name, role: 'admin', lifetimeMs: adminLifetimeMs, always: true },
    byCommand,
  )
  return made.token
}

/** `--name a --name=b` out of the arguments. */
function takeNames(given: readonly string[]): {
  readonly names: readonly string[]
  readonly argv: readonly string[]
} {
  const names: string[] = []
  const argv: string[] = []
  for (let i = 0; i < given.length; i++) {
    const argument = given[i]!
    const value = argument === '--name' ? (given[++i] ?? '') : /^--name=(.*)$/.exec(argument)?.[1]
    if (value === undefined) argv.push(argument)
    else if (/^[A-Za-z0-9*.:_-]{1,253}$/.test(value)) names.push(value)
    else
      throw new PgherdError(
        'USAGE',
        `--name takes a host name or an IP address, not "${value.slice(0, 100)}"`,
      )
  }
  return { names, argv }
}
