import { fileURLToPath } from 'node:url'
import { accessFields, accessProblems } from '../common/config/access-options.ts'
import { list, oneOf, path, text, url } from '../common/config/kinds.ts'
import type { Kind } from '../common/config/kinds.ts'
import { option, optional, required } from '../common/config/option-table.ts'
import type { Config } from '../common/config/option-table.ts'
import { records } from '../common/config/records.ts'

/** Chat programs have their secret in the path, and configuration is printed. */
const webhookUrl: Kind<string> = {
  ...url(['http', 'https']),
  print: (given) => `${new URL(given).origin}/***`,
}

const mailServer: Kind<{ readonly host: string; readonly port: number }> = {
  schema: text({ pattern: /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/, allowed: '' }).schema.transform(
    (given) => {
      const at = given.lastIndexOf(':')
      return { host: given.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(given.slice(at + 1)) }
    },
  ),
  allowed: 'a host and port, such as mail.example.com:587',
  placeholder: '<host:port>',
  print: ({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`,
}

const address = text({
  pattern: /^[^\s<>,]+@[^\s<>,]+$|^[^<>@\r\n]*<[^\s<>,]+@[^\s<>,]+>$/,
  allowed: 'an e-mail address, such as dba@example.com',
  placeholder: '<address>',
})

/** Who is told of alerts: Alertmanagers, or, where there is none, people by the collector itself. */
export const notifyOptions = {
  'alertmanager.urls': option(
    list(url(['http', 'https'])),
    'Alertmanagers that get every alert; several have to be one cluster',
    [] as readonly string[],
  ),
  'alertmanager.endpoints': option(
    records({ url: required(url(['http', 'https']), 'its base; paths are appended'), ...accessFields }),
    'the same for Alertmanagers that want a token, a password or certificates',
    [],
  ),
  'notify.webhooks': option(
    records({ url: required(webhookUrl, 'where to POST; only its host is shown'), ...accessFields }),
    'webhooks that the collector itself tells of alerts, in the shape of Alertmanager, where there is no Alertmanager',
    [],
  ),
  'notify.email.server': optional(
    mailServer,
    'mail server over which the collector itself tells people of alerts',
  ),
  'notify.email.tls': option(
    oneOf(['starttls', 'implicit', 'none'] as const),
    'how mail is encrypted; implicit is usual on port 465, none on this machine only',
    'starttls',
  ),
  'notify.email.from': optional(address, 'sender of that mail'),
  'notify.email.to': option(list(address), 'who gets that mail', [] as readonly string[]),
  'notify.email.username': optional(
    text({ pattern: /./, allowed: 'a user name' }),
    'user of the mail server, if it wants one',
  ),
  'notify.email.password_file': optional(path, 'file whose first line is the password'),
  'notify.email.ca_file': optional(path, 'certificates to trust for the mail server, PEM'),
  'notify.routing_file': option(
    path,
    "configuration of an Alertmanager whose route and inhibit_rules say what is told together, when, and what by others; pgherd's own by default",
    fileURLToPath(new URL('../rules/alertmanager.yml', import.meta.url)),
  ),
} as const

export type NotifyConfig = Config<typeof notifyOptions>

/** What is wrong between the options. */
export function notifyProblems(config: NotifyConfig): readonly string[] {
  const problems: string[] = []
  for (const key of ['alertmanager.endpoints', 'notify.webhooks'] as const) {
    for (const [i, one] of config[key].entries()) problems.push(...accessProblems(`${key}[${i}]`, one))
  }
  const hasAlertmanager = config['alertmanager.urls'].length + config['alertmanager.endpoints'].length > 0
  const server = config['notify.email.server']
  const isOwn = server !== undefined || config['notify.webhooks'].length > 0
  if (hasAlertmanager && isOwn) {
    problems.push(
      'notify: had webhooks or e-mail beside an Alertmanager, which would tell everything twice; allowed: one of both',
    )
  }
  const [username, passwordFile] = [config['notify.email.username'], config['notify.email.password_file']]
  if ((username === undefined) !== (passwordFile === undefined)) {
    problems.push('notify.email: had one of username and password_file; allowed: both or none')
  }
  if (server === undefined) {
    if (config['notify.email.to'].length > 0) {
      problems.push(`notify.email.server: missing; allowed: ${mailServer.allowed}`)
    }
    return problems
  }
  if (config['notify.email.from'] === undefined) {
    problems.push(`notify.email.from: missing; allowed: ${address.allowed}`)
  }
  if (config['notify.email.to'].length === 0) {
    problems.push(`notify.email.to: missing; allowed: at least one; each ${address.allowed}`)
  }
  const isHere = ['localhost', '::1'].includes(server.host) || server.host.startsWith('127.')
  if (username !== undefined && config['notify.email.tls'] === 'none' && !isHere) {
    problems.push(
      'notify.email.tls: was none, which sends the password in clear text; allowed: starttls or implicit',
    )
  }
  return problems
}
