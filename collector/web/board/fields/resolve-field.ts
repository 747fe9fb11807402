import { fieldSettings } from '../model/field-settings.ts'
import type { FieldConfig, FieldSettings } from '../model/field-settings.ts'
import { matches } from './matcher.ts'
import type { Matched } from './matcher.ts'

/**
 * Settings of each field of a panel: the defaults with the overrides that match, in their order. What an override gets
 * wrong costs the setting, not the panel.
 */
export function fieldResolver(config: FieldConfig): (field: Matched) => FieldSettings {
  const known = new Map<string, FieldSettings>()
  return (field) => {
    const matching = config.overrides.map(({ matcher }) => matches(matcher, field))
    const key = matching.join()
    const found = known.get(key)
    if (found !== undefined) return found
    const raw = structuredClone(config.defaults)
    config.overrides.forEach(({ properties }, index) => {
      if (matching[index] !== true) return
      for (const { id, value } of properties) setPath(raw, id.split('.'), value)
    })
    const settings = fieldSettings.parse(raw)
    known.set(key, settings)
    return settings
  }
}

/** Sets `custom.width` and the like; `custom.hidden` and Grafana's newer `custom.hideFrom` are paths as they stand. */
function setPath(target: Record<string, unknown>, [first = '', ...rest]: string[], value: unknown): void {
  // A board must not reach the prototype of all objects.
  if (first === '__proto__' || first === 'constructor' || first === 'prototype') return
  if (rest.length === 0) {
    target[first] = value
    return
  }
  const inner = target[first]
  const next: Record<string, unknown> = typeof inner === 'object' && inner !== null ? { ...inner } : {}
  setPath(next, rest, value)
  target[first] = next
}
