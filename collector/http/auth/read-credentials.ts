/** The token of an Authorization header; undefined for a header of any other kind. */
export function tokenOf(authorization: string): string | undefined {
  const [, scheme = '', credentials = ''] = /^([A-Za-z]+) +(\S+) *$/.exec(authorization) ?? []
  switch (scheme.toLowerCase()) {
    // RFC 6750, 2.1.
    case 'bearer':
      return credentials
    // RFC 7617: for programs that know nothing else. The user's name says nothing.
    case 'basic': {
      const pair = Buffer.from(credentials, 'base64').toString('utf8')
      const colon = pair.indexOf(':')
      return colon < 0 ? undefined : pair.slice(colon + 1)
    }
    default:
      return undefined
  }
}
