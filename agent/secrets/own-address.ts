/** Whether a host in a URL is this one, without asking anybody: a socket, loopback, or an address of one of its interfaces. */
export function isOwnAddress(host: string, addresses: readonly string[]): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  return (
    bare.startsWith('/') ||
    bare === 'localhost' ||
    bare === '::1' ||
    /^127(\.\d{1,3}){3}$/.test(bare) ||
    addresses.includes(bare)
  )
}
