import { path, text } from './kinds.ts'
import { option, optional } from './option-table.ts'
import { texts } from './records.ts'

const anyHeaders = texts({ pattern: /^[A-Za-z0-9-]+$/, allowed: 'a map of header names to values' })
/** Values may be secrets, and configuration is printed. */
const headerMap: typeof anyHeaders = {
  ...anyHeaders,
  print: (map) => anyHeaders.print(Object.fromEntries(Object.keys(map).map((name) => [name, '***']))),
}

/** How an HTTP endpoint is reached: secrets and certificates are named by file and read when they are needed. */
export const accessFields = {
  bearer_token_file: optional(path, 'file whose first line is sent as bearer token'),
  username: optional(
    text({ pattern: /^[^:]+$/, allowed: 'a user name without a colon' }),
    'for basic authentication, beside password_file',
  ),
  password_file: optional(path, 'file whose first line is the password'),
  headers: option(headerMap, 'further request headers', {}),
  ca_file: optional(path, 'certificates to trust, PEM'),
  cert_file: optional(path, 'our certificate, PEM'),
  key_file: optional(path, 'its key, PEM'),
} as const

interface Access {
  readonly bearer_token_file: string | undefined
  readonly username: string | undefined
  readonly password_file: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly ca_file: string | undefined
  readonly cert_file: string | undefined
  readonly key_file: string | undefined
}

/** The fields as the parts that send requests take them. */
export function accessOf(fields: Access) {
  const { username, password_file: passwordFile } = fields
  const [caFile, certFile, keyFile] = [fields.ca_file, fields.cert_file, fields.key_file]
  const isTls = caFile !== undefined || certFile !== undefined || keyFile !== undefined
  return {
    headers: fields.headers,
    bearerTokenFile: fields.bearer_token_file,
    ...(username !== undefined && passwordFile !== undefined
      ? { basicAuth: { username, passwordFile } }
      : {}),
    ...(isTls ? { tls: { caFile, certFile, keyFile } } : {}),
  }
}

/** What is wrong between the fields; `at` leads to the record. */
export function accessProblems(at: string, fields: Access): readonly string[] {
  const problems: string[] = []
  if ((fields.username === undefined) !== (fields.password_file === undefined)) {
    problems.push(`${at}: had one of username and password_file; allowed: both or none`)
  }
  if (fields.username !== undefined && fields.bearer_token_file !== undefined) {
    problems.push(`${at}: had username and bearer_token_file; allowed: one of them`)
  }
  if ((fields.cert_file === undefined) !== (fields.key_file === undefined)) {
    problems.push(`${at}: had one of cert_file and key_file; allowed: both or none`)
  }
  return problems
}
