import { list, oneOf, path, text } from '../common/config/kinds.ts'
import { anyListen, localListen } from '../common/config/listen.ts'
import { option, optional } from '../common/config/option-table.ts'
import type { Config } from '../common/config/option-table.ts'
import { tokenRole } from '../common/wire/tokens.ts'

const name = text({
  pattern: /^[A-Za-z0-9*.:_-]{1,253}$/,
  allowed: 'a host name or an IP address',
  placeholder: '<name>',
})

/** Where the collector listens, and whom it believes. */
export const trustOptions = {
  'http.listen': optional(
    anyListen,
    'address of the API, the web page and the agents, with TLS; 0.0.0.0:8432 once `pgherd-collector init` has run',
  ),
  'http.plain_listen': optional(localListen, 'the same without TLS, for programs on this machine'),
  'auth.anonymous_role': optional(
    oneOf(tokenRole.options),
    'what requests without a token may do on http.plain_listen; with admin, agents need no certificate there',
  ),
  'auth.agents_write': option(
    oneOf(['own', 'any'] as const),
    'whose samples an agent may write by its certificate; any is for agents that relay those of other nodes',
    'own',
  ),
  'tls.directory': optional(
    path,
    'where `pgherd-collector init` keeps the authority and the certificate; trust/ in store.directory by default',
  ),
  'tls.names': option(
    list(name),
    'names and addresses under which agents and people reach this collector, beside its host name and loopback',
    [] as readonly string[],
  ),
  'tls.certificate': optional(
    path,
    'a certificate of your own for http.listen, PEM, with those up to its authority; read again when it changes',
  ),
  'tls.key': optional(path, 'its key, PEM'),
  'tls.ca': optional(
    path,
    "what agents are to trust in place of the fleet's authority; the last of tls.certificate by default",
  ),
} as const

/** What is wrong between the options. */
export function trustProblems(config: Config<typeof trustOptions>): readonly string[] {
  const problems: string[] = []
  if ((config['tls.certificate'] === undefined) !== (config['tls.key'] === undefined)) {
    problems.push('tls.key: had one of tls.certificate and tls.key; allowed: both or none')
  }
  if (config['tls.ca'] !== undefined && config['tls.certificate'] === undefined) {
    problems.push('tls.ca: given without tls.certificate, of which it is the authority')
  }
  if (config['auth.anonymous_role'] !== undefined && config['http.plain_listen'] === undefined) {
    problems.push('auth.anonymous_role: given without http.plain_listen, for which alone it is')
  }
  return problems
}
