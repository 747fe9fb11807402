import { dirname } from 'node:path'
import { unit } from './host/service.ts'
import { nodeOf } from './plan.ts'
import type { PlannedServer, SetupPlan } from './plan.ts'
import { describeFound } from './describe-plan.ts'
import { database } from './server/open-as-owner.ts'
import { inTransaction, roleStatements } from './server/role-statements.ts'

/** A word for sh, whatever is in it. */
function quoted(word: string): string {
  return /^[A-Za-z0-9_./:@=%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** For sed: what psql's \\set reads as more than itself gets a backslash. */
const escaping = quoted(String.raw`s/[\\']/\\&/g`)

/**
 * All that setup would do, as a script for sh that root can read, change and run. What is there already is not in it.
 * @param nameOf of a user of this host
 */
export function printScript(plan: SetupPlan, nameOf: (uid: number) => string | undefined): readonly string[] {
  const { config, options, password, servers, service, stateDirectory, collectorUrl } = plan
  const { path, text, before } = config
  const user = options.user
  const group = `"$(id -gn ${quoted(user)})"`
  const asAgent = `runuser -u ${quoted(user)} --`
  const file = password?.place.file ?? ''
  return [
    `# Printed by pgherd-agent setup --print; nothing was changed.`,
    ...describeFound(plan).map((line) => `# ${line}`),
    ...plan.problems.flatMap((problem) => [
      '#',
      ...`CANNOT BE DONE YET: ${problem}`.split('\n').map((line) => `# ${line}`),
    ]),
    ...(plan.problems.length === 0
      ? []
      : [
          `echo 'What cannot be done yet is told at the top of this script; nothing was changed.' >&2`,
          'exit 3',
        ]),
    'set -e',
    ...(password?.mustWrite === true
      ? [
          '',
          `# The password of the role ${plan.role}${password.place.isCredential ? ': root alone reads it, and systemd hands it to the agent' : ''}.`,
          `install -d -m ${password.place.isCredential ? '0700' : '0755'} ${quoted(dirname(file))}`,
          options.passwordFrom === undefined
            ? `(umask 077; od -An -N24 -tx1 /dev/urandom | tr -d ' \\n' > ${quoted(file)}; echo >> ${quoted(file)})`
            : `install -m 0600 ${quoted(options.passwordFrom)} ${quoted(file)}`,
          ...(password.place.isCredential
            ? []
            : [`chown root:${group} ${quoted(file)}`, `chmod 0640 ${quoted(file)}`]),
        ]
      : []),
    ...servers.filter(({ isReady }) => !isReady).flatMap((one) => ['', ...roleScript(one, plan, nameOf)]),
    '',
    '# Where measurements wait until the collector has them, and the certificate is.',
    `install -d -m 0750 -o ${quoted(user)} -g ${group} ${quoted(stateDirectory)}`,
    ...(before === text
      ? ['', `# ${path} is there and says the same.`]
      : [
          '',
          ...(before === undefined ? [] : [`cp -p ${quoted(path)} ${quoted(`${path}.before`)}`]),
          `install -d -m 0755 ${quoted(dirname(path))}`,
          `(umask 027; cat > ${quoted(path)} <<'YAML'`,
          text.trimEnd(),
          'YAML',
          ')',
          `chown root:${group} ${quoted(path)}`,
          `chmod 0640 ${quoted(path)}`,
        ]),
    '',
    '# What works, and what is missing.',
    password?.place.isCredential === true
      ? `pgherd-agent --config ${quoted(path)} --postgres-password-file ${quoted(file)} --self-test || true`
      : `${asAgent} pgherd-agent --config ${quoted(path)} --self-test || true`,
    '',
    ...(plan.memberUntilMs !== undefined
      ? ['# This host is a member of the fleet already.']
      : options.join === undefined
        ? [`# To join the fleet: agentctl enroll ${nodeOf(plan)} prints the line.`]
        : [
            `echo ${quoted(options.join.token)} | ${asAgent} pgherd-agent join ${quoted(options.join.url)} - --config ${quoted(path)}`,
          ]),
    ...(!options.start || collectorUrl === undefined
      ? []
      : service.systemd === undefined
        ? [
            '',
            `# systemd does not run this host. ${quoted(user)} runs: pgherd-agent --config ${quoted(path)}`,
          ]
        : ['', `systemctl enable --now ${unit}`]),
  ]
}

function roleScript(
  { server, facts, setsPassword }: PlannedServer,
  { role, password }: SetupPlan,
  nameOf: (uid: number) => string | undefined,
): readonly string[] {
  const owner = nameOf(server.uid) ?? String(server.uid)
  const statements = inTransaction(roleStatements(role, facts, setsPassword ? ":'password'" : undefined))
  return [
    `# The role ${role}, as the superuser of the server of ${server.dataDirectory}.`,
    `runuser -u ${quoted(owner)} -- psql -X -q -v ON_ERROR_STOP=1 -h ${quoted(server.socketDirectory ?? '')} -p ${server.port} -d ${database} <<SQL`,
    ...(setsPassword ? [`\\set password '$(sed -e ${escaping} ${quoted(password?.place.file ?? '')})'`] : []),
    ...statements.map((one) => `${one};`),
    'SQL',
  ]
}
