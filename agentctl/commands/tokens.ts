import { Argument, Option } from 'commander'
import type { Command } from 'commander'
import { createdTokenAnswer, tokenAnswer, tokenRole, tokensAnswer } from '../../common/wire/tokens.ts'
import type { TokenRole, TokenView } from '../../common/wire/tokens.ts'
import type { CliContext } from '../context.ts'
import { lifetime } from '../lifetime.ts'
import { present } from '../present.ts'
import { printAge } from '../terminal.ts'

const dayMs = 86_400_000
const until = lifetime('1m to 3650d, or never', 60_000, 3_650 * dayMs)

/** `agentctl tokens`: who may read, write, send commands or administer, and until when. */
export function addTokens(program: Command, context: CliContext): void {
  const tokens = program
    .command('tokens')
    .description('list the bearer tokens; create and revoke them')
    .addHelpText(
      'after',
      `
Roles: viewer reads; writer writes samples and nothing else; operator reads and sends signed commands; admin does everything.

Examples:
  agentctl tokens
  agentctl tokens create grafana viewer
  agentctl tokens create vmagent-dc2 writer --lifetime never
  agentctl tokens revoke K3xQ_a-9

Exit status: 0 done, 1 failed, 2 wrong usage, 3 refused, 4 unreachable, 5 timed out.`,
    )
    .option('--all', 'also those that have expired or were revoked', false)
    .action(async ({ all }: { all: boolean }) => {
      const { data } = await context.client().call('GET', '/api/v1/tokens', tokensAnswer)
      const nowMs = context.clock.now()
      const shown = all ? data : data.filter((token) => stateOf(token, nowMs) === 'valid')
      list(context, shown, nowMs)
    })
  tokens
    .command('create')
    .description('create a token and print it, this once')
    .argument('<name>', 'whose it is; the name in the audit')
    .addArgument(new Argument('<role>', 'what it may do').choices(tokenRole.options))
    .addOption(
      new Option('--lifetime <duration>', 'how long it is valid, or never')
        .default(90 * dayMs, '90d')
        .argParser((given) => (given === 'never' ? Infinity : until(given))),
    )
    .action(async (name: string, role: TokenRole, options: { lifetime: number }) => {
      const json = { name, role, lifetime_ms: Number.isFinite(options.lifetime) ? options.lifetime : null }
      const { data } = await context.client().call('POST', '/api/v1/tokens', createdTokenAnswer, { json })
      if (context.format() === 'table') context.terminal.print(data.token)
      else present(context, { columns: [{ title: 'TOKEN' }], rows: [[data.token]], data, nothing: '' })
      context.warn(`${name} is ${role} ${untilWhen(data)}; the token is not shown again`)
    })
  tokens
    .command('revoke')
    .description('end a token at once')
    .argument('<id>', 'as agentctl tokens shows it')
    .action(async (id: string) => {
      const path = `/api/v1/tokens/${encodeURIComponent(id)}`
      const { data } = await context.client().call('DELETE', path, tokenAnswer)
      if (context.format() !== 'table') list(context, [data], context.clock.now())
      else context.terminal.print(`the token of ${data.name} (${data.role}) is no longer valid`)
    })
}

function list(context: CliContext, tokens: readonly TokenView[], nowMs: number): void {
  present(context, {
    columns: [
      { title: 'ID' },
      { title: 'NAME' },
      { title: 'ROLE' },
      { title: 'STATE' },
      { title: 'EXPIRES', align: 'right' },
      { title: 'LAST USED', align: 'right' },
      { title: 'CREATED BY' },
    ],
    rows: tokens.map((token) => [
      token.id,
      token.name,
      token.role,
      stateOf(token, nowMs),
      token.expiresMs === null ? 'never' : when(token.expiresMs, nowMs),
      token.lastUsedMs === null ? 'never' : when(token.lastUsedMs, nowMs),
      token.createdBy,
    ]),
    data: tokens,
    nothing: 'no valid tokens (agentctl tokens --all shows the others)',
  })
}

function stateOf(token: TokenView, nowMs: number): 'valid' | 'expired' | 'revoked' {
  if (token.revokedMs !== null) return 'revoked'
  return token.expiresMs !== null && token.expiresMs <= nowMs ? 'expired' : 'valid'
}

function when(atMs: number, nowMs: number): string {
  return atMs > nowMs ? `in ${printAge(atMs - nowMs)}` : `${printAge(nowMs - atMs)} ago`
}

function untilWhen({ expiresMs }: TokenView): string {
  return expiresMs === null ? 'for ever' : `until ${new Date(expiresMs).toISOString()}`
}
