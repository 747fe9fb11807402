/** One operand of a command, with the fields that are taken from it. */
export interface Operand {
  readonly base:
    | { readonly kind: 'dot' }
    | { readonly kind: 'nil' }
    | { readonly kind: 'literal'; readonly value: string | number | bigint | boolean }
    | { readonly kind: 'variable'; readonly name: string }
    | { readonly kind: 'function'; readonly name: string }
    | { readonly kind: 'pipeline'; readonly pipeline: Pipeline }
  readonly fields: readonly string[]
  readonly line: number
}

/** `function operand operand`, or a single operand. */
export type Command = readonly Operand[]

/** Commands joined by `|`: each result becomes the last argument of the next. */
export interface Pipeline {
  /** Variables on the left of `:=` or `=`; a range may have two. */
  readonly targets: readonly string[]
  readonly declares: boolean
  readonly commands: readonly Command[]
}

export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'with' | 'range'
      readonly pipeline: Pipeline
      readonly body: readonly TemplateNode[]
      readonly otherwise: readonly TemplateNode[]
    }
