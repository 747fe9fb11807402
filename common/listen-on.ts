import type { AddressInfo, Server } from 'node:net'
import { PgherdError, messageOf, systemCodeOf } from './errors.ts'

interface HostAndPort {
  readonly host: string
  readonly port: number
}

/** `host:port` as it stands in a URL. */
export function printHostAndPort({ host, port }: HostAndPort): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** Why a server cannot listen: PORT_TAKEN or CONFIG_INVALID. @param where - the address, for the message */
export function listenError(error: unknown, where: string): PgherdError {
  return systemCodeOf(error) === 'EADDRINUSE'
    ? new PgherdError('PORT_TAKEN', `another process already listens on ${where}`, { cause: error })
    : new PgherdError('CONFIG_INVALID', `cannot listen on ${where}: ${messageOf(error)}`, { cause: error })
}

/**
 * Has a server listen.
 * @returns `host:port` under which it is reached; port 0 lets the kernel choose
 * @throws PgherdError PORT_TAKEN, or CONFIG_INVALID for an address that this machine does not have
 */
export function listenOn(server: Server, address: HostAndPort): Promise<string> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(listenError(error, printHostAndPort(address)))
    server.once('error', failed)
    server.listen(address.port, address.host, () => {
      server.off('error', failed)
      resolve(printHostAndPort({ ...address, port: (server.address() as AddressInfo).port }))
    })
  })
}
