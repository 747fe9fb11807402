import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import { PgherdError, messageOf, systemCodeOf } from '../errors.ts'
import type { TlsPaths } from '../http-credentials.ts'

const text = z.union([z.string(), z.number()]).transform(String).optional().catch(undefined)
const authentication = z.object({ username: text, password: text }).optional().catch(undefined)

/** The parts of Patroni's YAML that say how its REST API is reached. Source: Patroni 4.1, docs/yaml_configuration.rst. */
const patroniFile = z.object({
  name: text,
  restapi: z
    .object({
      listen: text,
      connect_address: text,
      authentication,
      certfile: text,
      keyfile: text,
      cafile: text,
    })
    .default({}),
  ctl: z.object({ authentication, certfile: text, keyfile: text, cacert: text }).default({}),
})

export interface PatroniFile {
  /** Of the member. */
  readonly name: string | undefined
  readonly url: string | undefined
  /** The value of an Authorization header. */
  readonly authorization: string | undefined
  readonly tls: TlsPaths | undefined
}

/**
 * What Patroni's own file tells its clients. `ctl` goes before `restapi`, as with patronictl.
 * @throws PgherdError CONFIG_INVALID, in words that quote nothing of the file: it has passwords
 */
export async function readPatroniFile(path: string): Promise<PatroniFile> {
  const { name, restapi, ctl } = parsed(path, await readText(path))
  const address = restapi.connect_address ?? restapi.listen
  const scheme = restapi.certfile === undefined ? 'http' : 'https'
  const url = address === undefined ? undefined : `${scheme}://${address}`
  const login = ctl.authentication?.username === undefined ? restapi.authentication : ctl.authentication
  const [caFile, certFile] = [ctl.cacert ?? restapi.cafile, ctl.certfile]
  // One file may hold both.
  const keyFile = ctl.keyfile ?? ctl.certfile
  return {
    name,
    url: url !== undefined && URL.canParse(url) ? url : undefined,
    authorization:
      login?.username === undefined
        ? undefined
        : `Basic ${Buffer.from(`${login.username}:${login.password ?? ''}`).toString('base64')}`,
    tls: caFile === undefined && certFile === undefined ? undefined : { caFile, certFile, keyFile },
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const reason = systemCodeOf(error) ?? messageOf(error)
    throw new PgherdError('CONFIG_INVALID', `cannot read Patroni's file ${path}: ${reason}`, { cause: error })
  }
}

function parsed(path: string, content: string): z.infer<typeof patroniFile> {
  try {
    return patroniFile.parse(parse(content))
  } catch {
    // The error's own words quote lines, and with its cause it might be logged.
    throw new PgherdError('CONFIG_INVALID', `${path} is not a configuration of Patroni`)
  }
}
