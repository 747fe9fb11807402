import type { Variables } from './inventory-text.ts'
import { isMap } from './inventory-text.ts'

/** Reads variables of one host or group, and notes what it could not: names and places only, never a value. */
export interface VariableReader {
  text(name: string): string | undefined
  /** A whole number, also one that is written as a text. */
  whole(name: string): number | undefined
  /** As Ansible takes truth: yes, on, true, 1. */
  flag(name: string, fallback: boolean): boolean
  /** The maps of a list; what else is in it is noted. */
  maps(name: string): readonly Variables[]
  map(name: string): Variables
}

/** @param note is called once for each variable that cannot be read here, with its name and why */
export function readVariables(
  variables: Variables,
  note: (variable: string, why: string) => void,
): VariableReader {
  const noted = new Set<string>()
  const say = (name: string, why: string): void => {
    if (!noted.has(name)) note(name, why)
    noted.add(name)
  }
  const given = (name: string): unknown => {
    const value = variables[name]
    if (!isTemplate(value)) return value ?? undefined
    say(name, 'a template, which is not evaluated')
    return undefined
  }
  const text = (name: string): string | undefined => {
    const value = given(name)
    if (value === undefined) return undefined
    if (typeof value === 'string' || typeof value === 'number') return String(value).trim()
    say(name, 'not a text')
    return undefined
  }
  return {
    text,
    whole(name) {
      const read = text(name)
      if (read === undefined) return undefined
      if (/^\d{1,9}$/.test(read)) return Number(read)
      say(name, 'not a whole number')
      return undefined
    },
    flag(name, fallback) {
      const value = given(name)
      if (value === undefined) return fallback
      const word = JSON.stringify(value).replaceAll('"', '').toLowerCase()
      if (/^(true|yes|on|y|1)$/.test(word)) return true
      if (/^(false|no|off|n|0)$/.test(word)) return false
      say(name, 'neither true nor false')
      return fallback
    },
    maps(name) {
      const value = given(name)
      if (value === undefined) return []
      if (!Array.isArray(value)) {
        say(name, 'not a list')
        return []
      }
      const maps = value.filter(isMap)
      if (maps.length < value.length) say(name, 'has entries that are not maps')
      return maps
    },
    map(name) {
      const value = given(name)
      if (value === undefined) return {}
      if (isMap(value)) return value
      say(name, 'not a map')
      return {}
    },
  }
}

/** Of Jinja, which Ansible evaluates on its own side. */
export function isTemplate(value: unknown): boolean {
  return typeof value === 'string' && /\{\{|\{%/.test(value)
}
