/** The port of an http or https URL, its own or that of the scheme. */
export function httpPort(url: string): number {
  const { port, protocol } = new URL(url)
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}
