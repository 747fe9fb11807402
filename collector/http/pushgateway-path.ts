import { PgherdError } from '../../common/errors.ts'

const base64Suffix = '@base64'

/**
 * The labels in a path of the push gateway: `/metrics/job/some_job/instance/some_instance`, where
 * `job@base64/c29tZV9qb2I` says the same and `=` is an empty value.
 * @param path behind the prefix, as it stands in the URL
 * @throws PgherdError NOT_FOUND for another path, BAD_REQUEST for labels that are none
 * @see https://github.com/prometheus/pushgateway#url
 */
export function readPushgatewayPath(path: string): readonly (readonly [string, string])[] {
  const [root, ...parts] = path.split('/').filter((part, i) => i > 0 || part !== '')
  if (parts.at(-1) === '' && parts.length % 2 === 1) parts.pop()
  if (root !== 'metrics' || !/^job(?:@base64)?$/.test(parts[0] ?? '')) {
    throw new PgherdError('NOT_FOUND', 'the path of a push is /metrics/job/<job>[/<label>/<value>...]')
  }
  if (parts.length % 2 !== 0) throw bad(`the label "${parts.at(-1) ?? ''}" has no value`)
  const labels: [string, string][] = []
  for (let i = 0; i < parts.length; i += 2) labels.push(readLabel(parts[i]!, parts[i + 1]!))
  if (labels[0]?.[1] === '') throw bad('the job is empty')
  return labels
}

function readLabel(name: string, value: string): [string, string] {
  if (!name.endsWith(base64Suffix)) return [decode(name), decode(value)]
  const unpadded = decode(value).replace(/=+$/, '')
  if (!/^[A-Za-z0-9_\-+/]*$/.test(unpadded)) throw bad(`"${value.slice(0, 64)}" is not base64`)
  return [decode(name.slice(0, -base64Suffix.length)), Buffer.from(unpadded, 'base64url').toString()]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw bad(`"${text.slice(0, 64)}" is badly escaped`)
  }
}

function bad(what: string): PgherdError {
  return new PgherdError('BAD_REQUEST', `the labels in the path cannot be read: ${what}`)
}
