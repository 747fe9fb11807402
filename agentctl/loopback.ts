/** Whether a URL leads to this machine, by its name or address. */
export function isLoopbackHost(url: string): boolean {
  const { hostname } = new URL(url)
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
}
