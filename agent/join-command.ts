import type { Invocation, Program } from '../common/config/command-line.ts'
import { readInvocation } from '../common/config/command-line.ts'
import { PgherdError } from '../common/errors.ts'
import { chooseProxy } from '../common/proxy.ts'
import type { agentOptions } from './config.ts'
import { identityOf } from './sources.ts'
import { join } from './trust/join.ts'

const usage = `Usage: pgherd-agent join <collector URL> <join token> [options of pgherd-agent]

Makes this host a member of the fleet. Its key is made here and never leaves the host; the collector's authority signs a certificate
for it, and both are kept in tls.directory. From then on the agent shows it for everything, and renews it by itself.
The collector is reached through collector.proxy, or else HTTPS_PROXY. The token is printed by: agentctl enroll <cluster>-<number>. Given as "-" it is read from the standard input.

  pgherd-agent join https://collector:8432 pgherd-join-1.… --config /etc/pgherd/agent.yaml

Exit status: 0 joined, 1 failed, 2 wrong usage or configuration, 3 refused, 4 unreachable, 5 timed out.`

const timeoutMs = 30_000

/** `pgherd-agent join URL TOKEN`. @returns the exit status @throws PgherdError of `join`, USAGE or CONFIG_INVALID */
export async function runJoin(
  program: Program<typeof agentOptions>,
  invocation: Invocation & { readonly readInput: () => Promise<string> },
): Promise<number> {
  const [, url, given, ...options] = invocation.argv
  if (invocation.argv.includes('--help')) {
    invocation.print(usage)
    return 0
  }
  if (url === undefined || given === undefined || url.startsWith('--') || given.startsWith('--')) {
    throw new PgherdError('USAGE', 'join takes the URL of the collector and a join token (see join --help)')
  }
  const asked = readInvocation(program, { ...invocation, argv: options })
  if (asked === undefined) return 0
  const { config } = asked
  const { cluster, seq } = identityOf(config)
  const node = `${cluster}-${seq}`
  const directory = config['tls.directory']
  const token = given === '-' ? await invocation.readInput() : given
  const proxy = chooseProxy(config['collector.proxy'], invocation.environment)
  const { validToMs } = await join({ url, token, node, directory, timeoutMs, proxy })
  invocation.print(`${node} has joined; its certificate is in ${directory}`)
  invocation.print(
    `and valid until ${new Date(validToMs).toISOString()}, renewed by itself while the agent runs`,
  )
  const { origin } = new URL(url)
  if (new URL(config['collector.url']).origin !== origin) {
    invocation.print(`set collector.url to ${origin}; it is ${config['collector.url']} so far`)
  }
  return 0
}
