import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createAuthority, openAuthority } from '../../../collector/fleet/trust/authority.ts'
import type { Authority } from '../../../collector/fleet/trust/authority.ts'
import { createHttpClient } from '../../../common/http-client.ts'
import type { TlsFiles } from '../../../common/http-client.ts'
import { readTlsFiles } from '../../../common/http-credentials.ts'
import type { HaCluster } from '../../../testbed/ha/cluster.ts'
import { credentials } from '../../../testbed/ha/credentials.ts'
import type { Member } from '../../../testbed/ha/member.ts'
import { changePatroniFile } from '../../../testbed/ha/patroni-file.ts'
import { writeOwned } from '../../../testbed/postgres-settings.ts'
import { waitFor } from '../../../testbed/wait.ts'

/** Files of a member, readable by its Patroni. */
export function tlsFilesOf(member: Member) {
  const at = (name: string): string => join(member.directory, 'tls', name)
  return {
    caFile: at('ca.pem'),
    serverCertFile: at('server.pem'),
    serverKeyFile: at('server-key.pem'),
    clientCertFile: at('client.pem'),
    clientKeyFile: at('client-key.pem'),
    passwordFile: at('password'),
  }
}

/** A REST API's address with https. */
export const secureUrl = (member: Member): string => member.patroniUrl.replace('http:', 'https:')

/** Gives every member's REST API a certificate of an authority of their own, and a client's, until all are reached so. */
export async function secureRestApi(cluster: HaCluster): Promise<void> {
  const authority = openAuthority(await createAuthority(Date.now()))
  for (const member of cluster.members) await writeFiles(authority, member)
  await demandOfClients(cluster, 'none')
}

/** Whether clients have to show a certificate; in force when it resolves. */
export async function demandOfClients(cluster: HaCluster, verifyClient: 'none' | 'required'): Promise<void> {
  for (const member of cluster.members) {
    const files = tlsFilesOf(member)
    changePatroniFile(member, (config) => ({
      ...config,
      restapi: {
        ...(config['restapi'] as object),
        certfile: files.serverCertFile,
        keyfile: files.serverKeyFile,
        cafile: files.caFile,
        verify_client: verifyClient,
      },
      ctl: {
        ...(config['ctl'] as object),
        cacert: files.caFile,
        certfile: files.clientCertFile,
        keyfile: files.clientKeyFile,
      },
    }))
    member.patroni.signal('SIGHUP')
  }
  for (const member of cluster.members) {
    const { caFile, clientCertFile: certFile, clientKeyFile: keyFile } = tlsFilesOf(member)
    const [stranger, client] = await Promise.all([
      readTlsFiles({ caFile }),
      readTlsFiles({ caFile, certFile, keyFile }),
    ])
    await waitFor(
      `the REST API of ${member.name} to be secured`,
      async () =>
        (await answers(member, client)) && (await answers(member, stranger)) === (verifyClient === 'none'),
      { timeoutMs: 30_000, intervalMs: 100, explain: () => member.patroni.logTail() },
    )
  }
}

async function writeFiles(authority: Authority, member: Member): Promise<void> {
  const files = tlsFilesOf(member)
  mkdirSync(join(member.directory, 'tls'), { mode: 0o755 })
  const server = await authority.issueServer([member.address, '127.0.0.1'], Date.now())
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const client = await authority.issueAgent(member.name, publicKey, Date.now())
  writeOwned(files.caFile, authority.certificate)
  writeOwned(files.serverCertFile, server.certificate)
  writeOwned(files.serverKeyFile, server.key)
  writeOwned(files.clientCertFile, client.certificate)
  writeOwned(files.clientKeyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  writeOwned(files.passwordFile, credentials.patroni.password)
}

async function answers(member: Member, tls: TlsFiles): Promise<boolean> {
  using http = createHttpClient({ connections: 1, tls })
  try {
    const url = `${secureUrl(member)}/patroni`
    return (await http.send({ method: 'GET', url, timeoutMs: 2_000 })).status === 200
  } catch {
    return false
  }
}
