import { nameOf } from '../data/frame.ts'
import type { Field, Frame } from '../data/frame.ts'
import type { FieldConfig, FieldSettings } from '../model/field-settings.ts'
import { forText } from '../variables/formats.ts'
import { replaceReferences, valueIn } from '../variables/expand.ts'
import type { Scope } from '../variables/expand.ts'
import { fieldResolver } from './resolve-field.ts'

/** A field with how it is to be shown. */
export interface ShownField {
  readonly frame: Frame
  readonly field: Field
  readonly settings: FieldSettings
  readonly name: string
}

/** All fields of the frames with their settings, in order. */
export function shownFields(
  frames: readonly Frame[],
  config: FieldConfig,
  scope: Scope,
): readonly ShownField[] {
  const resolve = fieldResolver(config)
  return frames.flatMap((frame) =>
    frame.fields.map((field) => {
      const settings = resolve({ name: nameOf(field), refId: frame.refId, kind: field.kind })
      return { frame, field, settings, name: displayName(field, settings, scope) }
    }),
  )
}

/** `displayName` may speak of the field's labels. A time keeps its own name: a name for all fields is not meant for it. */
function displayName(field: Field, { displayName: wanted }: FieldSettings, scope: Scope): string {
  if (wanted === '' || field.kind === 'time') return nameOf(field)
  return replaceReferences(wanted, (reference) => {
    if (reference.name !== '__field') return valueIn(reference, scope, forText)
    const label = /^labels(?:\.|\[")(.+?)(?:"\])?$/.exec(reference.path ?? '')
    return label === null ? nameOf(field) : (field.labels[label[1]!] ?? '')
  })
}
