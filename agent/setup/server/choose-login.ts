import type { FoundServer } from '../find/found.ts'
import { reachedAt } from '../find/find-poolers.ts'
import { ruleFor } from './hba-rule.ts'
import type { HbaRule } from './hba-rule.ts'
import { database } from './open-as-owner.ts'
import type { ServerFacts } from './server-facts.ts'

/** How the agent gets into a server. */
export interface Login {
  readonly url: string
  /** False where the server asks the kernel who the agent is. */
  readonly needsPassword: boolean
}

/** What keeps it out: the line that pg_hba.conf lacks. */
export interface MissingLine {
  readonly line: string
  readonly file: string
  /** The rule that decides so far and has to come after it; undefined where none does. */
  readonly before: HbaRule | undefined
}

const withPassword = ['scram-sha-256', 'md5', 'password', 'trust']

/**
 * By loopback where the server listens there, else by its socket; with a role that is called as the agent's user by the socket first, where
 * `peer` needs no password.
 * @param hidesTmp whether the agent will not see sockets in /tmp (PrivateTmp of its unit)
 */
export function chooseLogin(
  server: FoundServer,
  facts: ServerFacts,
  {
    role,
    agentUser,
    hidesTmp,
  }: { readonly role: string; readonly agentUser: string; readonly hidesTmp: boolean },
): Login | MissingLine {
  const entry = { database, user: role, groups: new Set(['pg_monitor']) }
  const decides = (at: string | undefined): HbaRule | undefined =>
    ruleFor(facts.hba, { ...entry, address: at })
  const { port, socketDirectory: directory } = server
  const socket =
    directory === undefined || (hidesTmp && /^\/(var\/)?tmp\b/.test(directory)) ? undefined : directory
  const socketUrl = `postgres://${role}@localhost:${port}/${database}?host=${encodeURI(socket ?? '')}`
  const onSocket = socket === undefined ? undefined : decides(undefined)
  if (role === agentUser && onSocket?.method === 'peer' && !hasMap(onSocket)) {
    return { url: socketUrl, needsPassword: false }
  }
  const address = reachedAt(facts.listenAddresses)
  const overTcp = address === undefined ? undefined : decides(address)
  if (address !== undefined && withPassword.includes(overTcp?.method ?? '')) {
    const host = address.includes(':') ? `[${address}]` : address
    return { url: `postgres://${role}@${host}:${port}/${database}`, needsPassword: true }
  }
  if (withPassword.includes(onSocket?.method ?? '')) return { url: socketUrl, needsPassword: true }
  const range = address?.includes(':') === true ? `${address}/128` : `${address ?? ''}/32`
  return {
    line:
      address === undefined
        ? `local   all   ${role}   scram-sha-256`
        : `host    all   ${role}   ${range}   scram-sha-256`,
    file: facts.hbaFile,
    before: address === undefined ? onSocket : overTcp,
  }
}

function hasMap({ options }: HbaRule): boolean {
  return (options ?? []).some((option) => option.startsWith('map='))
}
