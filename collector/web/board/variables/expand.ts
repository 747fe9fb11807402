import { forAddress, forPromql, forText, namedFormats, withinAddress } from './formats.ts'
import type { Selection, Selections } from './selection.ts'

/** A reference within a text: `$name`, `[[name]]`, `${name}`, `${name.path}`, `${name:format}`. */
export interface Reference {
  readonly name: string
  /** Such as `labels.ins` of `${__field.labels.ins}`. */
  readonly path: string | undefined
  readonly format: string | undefined
}

const pattern = /\$(\w+)|\[\[(\w+)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:}]+)|(\[[^\]]+\]))?(?::([^}]+))?\}/g

/** Puts values in place of references; one for which `valueOf` gives undefined stays as it stands. */
export function replaceReferences(
  text: string,
  valueOf: (reference: Reference) => string | undefined,
): string {
  return text.replace(
    pattern,
    (
      whole: string,
      plain?: string,
      bracketed?: string,
      bracketedFormat?: string,
      braced?: string,
      path?: string,
      index?: string,
      format?: string,
    ) =>
      valueOf({
        name: plain ?? bracketed ?? braced ?? '',
        path: path ?? index,
        format: bracketedFormat ?? format,
      }) ?? whole,
  )
}

/** Names of the variables that a text refers to. */
export function referencesIn(text: string): readonly string[] {
  return [...text.matchAll(pattern)].map(
    ([, plain, bracketed, , braced]) => plain ?? bracketed ?? braced ?? '',
  )
}

/** What a text may refer to: the board's variables, and texts by name such as `__interval`. */
export interface Scope {
  readonly selections: Selections
  readonly texts: ReadonlyMap<string, string>
}

const byPlace = { promql: forPromql, text: forText, address: withinAddress } as const

/** Fills in variables for the place where the text will stand; unknown ones stay. */
export function expand(text: string, scope: Scope, place: keyof typeof byPlace): string {
  return replaceReferences(text, (reference) => valueIn(reference, scope, byPlace[place]))
}

/** The value of a reference to a variable or one of the texts; undefined for what is neither. */
export function valueIn(
  { name, format }: Reference,
  { selections, texts }: Scope,
  usual: (selection: Selection) => string,
): string | undefined {
  if (name === '__all_variables') return allForAddress(selections)
  const selection = selections.get(name)
  if (selection === undefined) return texts.get(name)
  return (namedFormats[format ?? ''] ?? usual)(selection)
}

/** All variables as parameters of an address, but those that never stand in one. */
export function allForAddress(selections: Selections): string {
  return [...selections.values()]
    .filter(({ isUnaddressed }) => isUnaddressed !== true)
    .map(forAddress)
    .join('&')
}
