import { expandHosts, maxHosts } from './expand-hosts.ts'
import { isMap, parseInventoryText } from './inventory-text.ts'
import type { Variables } from './inventory-text.ts'

/** A host with the variables that Ansible would give it. */
export interface InventoryHost {
  /** As the inventory calls it: an address, or a name. */
  readonly name: string
  /** All that it is in, `all` left out. */
  readonly groups: readonly string[]
  readonly variables: Variables
}

export interface Inventory {
  readonly hosts: readonly InventoryHost[]
  /** Those of `all`. */
  readonly global: Variables
  /** What is in the file and has no meaning here, in words without any value. */
  readonly notUnderstood: readonly string[]
}

interface Group {
  readonly name: string
  /** 0 is `all`. */
  depth: number
  variables: Variables
  readonly hosts: Set<string>
  readonly children: Set<string>
}

/** Deeper groups are a mistake, or a circle. */
const maxDepth = 32

/**
 * Reads an inventory and gives each host its variables: those of `all` first, then of groups, parents before their children and
 * else by `ansible_group_priority` and name, then its own; what comes later wins, and a value replaces another as a whole.
 * Source: Ansible's documentation, "How variables are merged".
 * @throws PgherdError CONFIG_INVALID
 */
export function readInventory(text: string, file: string): Inventory {
  const { content, notUnderstood: ofText } = parseInventoryText(text, file)
  const groups = new Map<string, Group>()
  const ofHosts = new Map<string, Record<string, unknown>>()
  const notUnderstood = [...ofText]

  const hostsOf = (group: Group, given: unknown): void => {
    const named = typeof given === 'string' ? { [given]: null } : given
    if (named === null || named === undefined) return
    if (!isMap(named)) {
      notUnderstood.push(`hosts of group ${group.name}: not a map of hosts`)
      return
    }
    for (const [name, own] of Object.entries(named)) {
      const hosts = expandHosts(name)
      if (hosts === undefined || ofHosts.size + hosts.length > maxHosts) {
        notUnderstood.push(`host ${name} of group ${group.name}: not a range, or more than ${maxHosts} hosts`)
        continue
      }
      if (own !== null && own !== undefined && !isMap(own)) {
        notUnderstood.push(`host ${name} of group ${group.name}: its variables are not a map`)
      }
      for (const host of hosts) {
        group.hosts.add(host)
        ofHosts.set(host, { ...ofHosts.get(host), ...(isMap(own) ? own : {}) })
      }
    }
  }
  const read = (name: string, given: unknown, depth: number): void => {
    const group = groups.get(name) ?? {
      ...{ name, depth, variables: {} },
      hosts: new Set<string>(),
      children: new Set<string>(),
    }
    groups.set(name, group)
    group.depth = Math.max(group.depth, depth)
    if (given === null || given === undefined) return
    if (!isMap(given) || depth > maxDepth) {
      notUnderstood.push(`group ${name}: not a map of hosts, vars and children`)
      return
    }
    for (const [key, value] of Object.entries(given)) {
      if (key === 'hosts') hostsOf(group, value)
      else if (key === 'vars' && isMap(value)) group.variables = { ...group.variables, ...value }
      else if (key === 'children' && isMap(value)) {
        for (const [child, below] of Object.entries(value)) {
          group.children.add(child)
          read(child, below, depth + 1)
        }
      } else if (value !== null) {
        notUnderstood.push(`group ${name}: ${key} (only hosts, vars and children are known, each a map)`)
      }
    }
  }
  read('all', content['all'], 0)
  for (const [name, given] of Object.entries(content)) if (name !== 'all') read(name, given, 1)

  const members = membersOf(groups)
  const global = groups.get('all')?.variables ?? {}
  const hosts = [...ofHosts].map(([name, own]) => {
    const inside = [...groups.values()].filter((group) => members.get(group.name)?.has(name) === true)
    const merged = [...inside].sort(byPrecedence).map(({ variables }) => variables)
    return {
      name,
      groups: inside.map((group) => group.name).filter((one) => one !== 'all'),
      variables: Object.assign({}, global, ...merged, own) as Variables,
    }
  })
  return { hosts, global, notUnderstood }
}

/** The hosts in a group and in those below it. */
function membersOf(groups: ReadonlyMap<string, Group>): ReadonlyMap<string, ReadonlySet<string>> {
  const known = new Map<string, Set<string>>()
  const collect = (name: string, above: ReadonlySet<string>): ReadonlySet<string> => {
    const done = known.get(name)
    const group = groups.get(name)
    if (done !== undefined) return done
    if (group === undefined || above.has(name)) return new Set()
    const all = new Set(group.hosts)
    for (const child of group.children) {
      for (const host of collect(child, new Set([...above, name]))) all.add(host)
    }
    known.set(name, all)
    return all
  }
  for (const name of groups.keys()) collect(name, new Set())
  return known
}

function byPrecedence(a: Group, b: Group): number {
  return a.depth - b.depth || priorityOf(a) - priorityOf(b) || (a.name < b.name ? -1 : 1)
}

function priorityOf({ variables }: Group): number {
  return Number(variables['ansible_group_priority'] ?? 1)
}
