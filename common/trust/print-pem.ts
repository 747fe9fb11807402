/** Textual encoding of a structure in DER (RFC 7468): lines of 64 characters of base64 between its label. */
export function printPem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
