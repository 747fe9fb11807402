/** More hosts than this are no fleet of one inventory. */
export const maxHosts = 20_000

/**
 * The hosts of a name in which ranges stand, `db[01:12].example` or `db-[a:f]`, as Ansible writes them; the name itself where there are none.
 * Undefined for a range that is none, or too many hosts.
 * Source: Ansible's documentation, "Adding ranges of hosts" (bounds belong to the range, an optional third number is the step).
 */
export function expandHosts(name: string): readonly string[] | undefined {
  const found = /^([^[]*)\[([^\]]*)\](.*)$/.exec(name)
  if (found === null) return [name]
  const [, before = '', range = '', after = ''] = found
  const middle = expandRange(range)
  const ends = expandHosts(after)
  if (middle === undefined || ends === undefined || middle.length * ends.length > maxHosts) return undefined
  return middle.flatMap((one) => ends.map((end) => `${before}${one}${end}`))
}

function expandRange(range: string): readonly string[] | undefined {
  const [, from = '', to = '', step = '1'] = /^(\d+|[A-Za-z]):(\d+|[A-Za-z])(?::(\d+))?$/.exec(range) ?? []
  const isNumeric = /^\d+$/.test(from)
  if (from === '' || isNumeric !== /^\d+$/.test(to) || Number(step) < 1) return undefined
  const [first, last] = isNumeric ? [Number(from), Number(to)] : [from.charCodeAt(0), to.charCodeAt(0)]
  const count = Math.floor((last - first) / Number(step)) + 1
  if (count < 1 || count > maxHosts) return undefined
  const at = Array.from({ length: count }, (_, i) => first + i * Number(step))
  return at.map((one) => (isNumeric ? String(one).padStart(from.length, '0') : String.fromCharCode(one)))
}
