import type { NamedServer } from './name-servers.ts'
import type { ServiceHost } from './host/service.ts'
import { usualUser } from './options.ts'
import type { SetupOptions } from './options.ts'
import type { PlannedServer } from './plan.ts'
import { planPassword } from './plan-password.ts'
import { chooseLogin } from './server/choose-login.ts'
import type { MissingLine } from './server/choose-login.ts'
import { roleStatements } from './server/role-statements.ts'
import type { ServerFacts } from './server/server-facts.ts'

/** What is to be done at one server, or why that cannot be. */
export function planServer(
  named: NamedServer,
  facts: ServerFacts,
  asked: {
    readonly role: string
    readonly options: SetupOptions
    readonly known: string | undefined
    readonly file: string
    readonly isPackaged: boolean
    readonly service: Pick<ServiceHost, 'systemd'>
  },
): PlannedServer | { readonly problem: string } {
  const { role, options, known, file, isPackaged, service } = asked
  const { dataDirectory, port } = named.server
  if (facts.role?.isSuperuser === true) {
    return {
      problem: `the role ${role} of the server of ${dataDirectory} is a superuser, which the agent need not be; allowed: ALTER ROLE ${role} NOSUPERUSER, or another --role`,
    }
  }
  const login = chooseLogin(named.server, facts, {
    role,
    agentUser: options.user === usualUser ? usualUser : options.user,
    hidesTmp: isPackaged && service.systemd !== undefined,
  })
  if ('line' in login) return { problem: missingLine(login, dataDirectory) }
  const password = login.needsPassword
    ? planPassword(named.server, facts, { role, known, file, isNewWanted: options.newPassword })
    : { sets: false }
  if ('problem' in password) return password
  const wanted = facts.inRecovery ? { ...facts, statements: 'not-loaded' as const } : facts
  const statements = roleStatements(role, wanted, password.sets ? `'...'` : undefined)
  if (facts.inRecovery && statements.length > 0) {
    const from = facts.primary === undefined ? '' : ` (${facts.primary})`
    return {
      problem: [
        `the server of ${dataDirectory}, port ${port}, is a standby, and its role ${role} is not ready. It comes from the primary${from}: run setup there first, or these as its superuser`,
        ...statements.map((one) => `  ${one};`),
        ...(password.sets
          ? [`then copy ${file} of that host to ${file} of this one, or name it with --password-from`]
          : []),
      ].join('\n'),
    }
  }
  return { ...named, facts: wanted, login, setsPassword: password.sets, isReady: statements.length === 0 }
}

function missingLine({ line, file, before }: MissingLine, dataDirectory: string): string {
  const where =
    before === undefined
      ? `at the end of ${file}`
      : `in ${before.file ?? file} before line ${before.line}, which decides so far (${before.method ?? ''})`
  return [
    `the server of ${dataDirectory} lets the agent in neither over loopback nor on its socket. Nothing was changed. Put this line ${where}:`,
    `  ${line}`,
    `then: SELECT pg_reload_conf(); and run setup again. Under Patroni the line goes into postgresql.pg_hba of its configuration.`,
  ].join('\n')
}
