import type { Cell, Field, Frame } from '../data/frame.ts'
import { nameOf } from '../data/frame.ts'
import type { DataLink } from '../model/field-settings.ts'
import { forText, withinAddress } from '../variables/formats.ts'
import { replaceReferences, valueIn } from '../variables/expand.ts'
import type { Scope } from '../variables/expand.ts'
import { destinationOf } from './address.ts'
import type { Destination } from './address.ts'

/** What a link of a value can speak of. */
export interface LinkSubject {
  readonly frame: Frame
  readonly field: Field
  /** Of the frame; null where the link is about a whole field. */
  readonly row: number | null
  /** The value as it is shown. */
  readonly text: string
  readonly displayName: string
}

/** A link with its variables filled in. */
export interface ResolvedLink {
  readonly title: string
  readonly destination: Destination
  readonly isNewTab: boolean
}

/** Fills in a link; null when what comes out is no address. `timeAddress` is `from=...&to=...`. */
export function resolveLink(
  link: DataLink,
  scope: Scope,
  timeAddress: string,
  subject: LinkSubject | null,
): ResolvedLink | null {
  const inAddress = replaceReferences(link.url, (reference) => {
    if (reference.name === '__url_time_range') return timeAddress
    const own = subject === null ? undefined : ofSubject(reference.name, reference.path, subject)
    if (own !== undefined) return reference.format === 'raw' ? own : encodeURIComponent(own)
    return valueIn(reference, scope, withinAddress)
  })
  const destination = destinationOf(inAddress)
  if (destination === null) return null
  const title = replaceReferences(
    link.title,
    (reference) =>
      (subject === null ? undefined : ofSubject(reference.name, reference.path, subject)) ??
      valueIn(reference, scope, forText),
  )
  return { title, destination, isNewTab: link.targetBlank }
}

/** `${__value.raw}`, `${__field.labels.ins}`, `${__data.fields.ins}` and their like. */
function ofSubject(name: string, path: string | undefined, subject: LinkSubject): string | undefined {
  const { frame, field, row } = subject
  const cell = (of: Field): Cell => of.values[row ?? of.values.length - 1] ?? null
  const textOf = (value: Cell): string => (value === null ? '' : String(value))
  switch (name) {
    case '__value': {
      if (path === 'text') return subject.text
      if (path === 'time') {
        const time = frame.fields.find(({ kind }) => kind === 'time')
        return time === undefined ? '' : textOf(cell(time))
      }
      return textOf(cell(field))
    }
    case '__field': {
      const label = /^labels(?:\.|\[")(.+?)(?:"\])?$/.exec(path ?? '')
      if (label !== null) return field.labels[label[1]!] ?? ''
      return path === 'displayName' ? subject.displayName : nameOf(field)
    }
    case '__series':
      return subject.displayName
    case '__data': {
      const wanted = /^fields(?:\.|\[["']?)(.+?)(?:["']?\])?$/.exec(path ?? '')?.[1]
      if (wanted === undefined) return undefined
      const found =
        frame.fields.find((one) => nameOf(one) === wanted || one.name === wanted) ??
        (/^\d+$/.test(wanted) ? frame.fields[Number(wanted)] : undefined)
      return found === undefined ? (field.labels[wanted] ?? '') : textOf(cell(found))
    }
    default:
      return undefined
  }
}
