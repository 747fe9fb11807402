/**
 * The library that writes certificates, loaded when one is made: it keeps 20 MB of memory, and a collector makes one
 * in weeks.
 */
export async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  await import('reflect-metadata')
  return import('@peculiar/x509')
}
