import { PgherdError } from '../../common/errors.ts'
import type { SelfTestResult } from './self-test-result.ts'
import type { SetupPlan } from './plan.ts'

/** Why setup ends here, and what to do. @param unreached one at least @returns an error with the code of the first */
export function explainUnreached(
  unreached: SelfTestResult['unreached'],
  { options, role, config }: Pick<SetupPlan, 'options' | 'role' | 'config'>,
): PgherdError {
  const { user } = options
  const remedy = ({ message }: PgherdError): string => {
    if (/\bEACCES\b|permission denied/i.test(message)) {
      return `${user} may not use the server's socket: add ${user} to its group (unix_socket_group, unix_socket_permissions, and the mode of its directory), or have pg_hba.conf let ${role} in over loopback`
    }
    if (/password authentication failed/i.test(message)) {
      return `the role has another password: name the file with it by --password-from, or give it a new one by --new-password`
    }
    return `see that this works: pgherd-agent --config ${config.path} --self-test, as ${user}`
  }
  return new PgherdError(
    unreached[0]?.error.code ?? 'POSTGRES_UNAVAILABLE',
    [
      ...unreached.flatMap(({ name, error }) => [
        `the agent's user ${user} does not reach ${name} as ${config.path} says: ${error.message}`,
        `  ${remedy(error)}`,
      ]),
      `What was done before stays; this setup neither joined nor started the agent. Run setup again, which goes on from here.`,
    ].join('\n'),
  )
}
