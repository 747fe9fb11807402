/** Whether a server with this host in its URL runs on this machine: a socket's directory, or loopback. */
export function isLocalHost(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || host.startsWith('127.')
}
